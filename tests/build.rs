//! Finds out which of Prometheus's programs this machine has, so that a test that needs one is counted as ignored where it
//! is not installed, and does not look as if it had passed.

use std::env;
use std::io::{self, Write as _};
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "cargo::rerun-if-changed=build.rs")?;
    writeln!(out, "cargo::rerun-if-env-changed=PATH")?;
    let directories: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    for program in ["promtool", "prometheus"] {
        writeln!(out, "cargo::rustc-check-cfg=cfg({program})")?;
        let found = directories.iter().map(|directory| directory.join(program)).find(|path| path.is_file());
        if let Some(path) = found {
            writeln!(out, "cargo::rustc-cfg={program}")?;
            writeln!(out, "cargo::rerun-if-changed={}", path.display())?;
        } else {
            // It may be installed later.
            for directory in directories.iter().filter(|directory| directory.is_dir()) {
                writeln!(out, "cargo::rerun-if-changed={}", directory.display())?;
            }
        }
    }
    Ok(())
}
