//! Writes `each_of_1!`, `each_of_10!`, .. which call another macro with so many numbered names: Rust's macros cannot count.

use std::fmt::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut text = String::new();
    for count in [1, 10, 16, 100, 1000] {
        write!(text, "macro_rules! each_of_{count} {{ ($take:ident) => {{ $take! {{")?;
        for i in 0..count {
            write!(text, " ({i} s{i} N{i} I{i})")?;
        }
        writeln!(text, " }} }} }}\npub(crate) use each_of_{count};")?;
    }
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("numbered.rs"), text)?;
    Ok(())
}
