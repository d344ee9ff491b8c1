//! The macros' expansions mean the same in the edition before: `quilt-scope`'s tests of hygiene, checked once more with
//! that edition's prelude, reserved words and rules for lifetimes. In a package of its own, since an edition is a package's.

use std::path::Path;
use std::process::Command;
use std::{env, fs, io};

const MANIFEST: &str = r#"
[package]
name = "edition-2021"
edition = "2021"

[lib]
path = "lib.rs"

[dependencies]
quilt-scope = { path = "../../../../quilt-scope" }
schemars = "1"
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["sync"] }
zeroize = "1"

[workspace]
"#;

/// The tests beside what they use of the others.
const LIBRARY: &str = r#"
#![allow(dead_code)]
#[path = "../../../../quilt-scope/tests/it/hygiene.rs"]
mod hygiene;
#[path = "../../../../quilt-scope/tests/it/hygiene_of_options.rs"]
mod hygiene_of_options;
#[path = "../../../../quilt-scope/tests/it/journal.rs"]
mod journal;
"#;

#[test]
fn expansions_mean_the_same_in_the_edition_before() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let package = root.join("target/tests/trybuild/edition-2021");
    fs::create_dir_all(&package)?;
    fs::write(package.join("Cargo.toml"), MANIFEST)?;
    fs::write(package.join("lib.rs"), LIBRARY)?;
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock"))?;
    let check = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--offline", "--quiet", "--profile", "test", "--target-dir"])
        .arg(root.join("target/tests/trybuild"))
        .arg("--all-targets")
        .current_dir(&package)
        .output()?;
    let said = String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success(), "{said}");
    Ok(())
}
