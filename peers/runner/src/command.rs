//! Runs other programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;

/// The folder `peers/`.
pub(crate) fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// What `program` says on standard output.
pub(crate) fn output(program: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} {}: {said}", program.display(), arguments.join(" ")).into())
}

/// Builds a package of this workspace for measuring.
pub(crate) fn build(package: &str) -> Result<PathBuf> {
    let status = Command::new("cargo")
        .current_dir(home())
        .args(["build", "--release", "--package", package])
        .status()?;
    if !status.success() {
        return Err(format!("`{package}` does not build").into());
    }
    Ok(home().join("target/release"))
}
