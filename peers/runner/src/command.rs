//! Runs other programs.

use std::fs;
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

/// The server that `PEERS_QUILT_MCP` names, or builds it as it is released.
pub(crate) fn server() -> Result<PathBuf> {
    if let Some(built) = std::env::var_os("PEERS_QUILT_MCP") {
        return Ok(built.into());
    }
    let root = home().join("..");
    let status = Command::new("cargo")
        .current_dir(&root)
        .args(["build", "--release", "--package", "quilt-mcp"])
        .status()?;
    if !status.success() {
        return Err("`quilt-mcp` does not build".into());
    }
    Ok(root.join("target/release/quilt-mcp"))
}

/// A Python with what `requirements` pins, made anew when that changes.
pub(crate) fn python(folder: &Path, requirements: &Path) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    once(folder, &[requirements], || {
        output(Path::new("python3"), &["-m", "venv", &folder.to_string_lossy()])?;
        let install = ["-m", "pip", "install", "--quiet", "--requirement", &requirements.to_string_lossy()];
        output(&python, &install).map(drop)
    })?;
    Ok(python)
}

/// Does `make` unless it was done with the same `inputs`; what a former one left is removed first.
pub(crate) fn once(folder: &Path, inputs: &[&Path], make: impl FnOnce() -> Result) -> Result {
    let mut wanted = String::new();
    for input in inputs {
        wanted += &fs::read_to_string(input)?;
    }
    let made = folder.with_extension("made");
    if fs::read_to_string(&made).is_ok_and(|from| from == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    make()?;
    Ok(fs::write(made, wanted)?)
}
