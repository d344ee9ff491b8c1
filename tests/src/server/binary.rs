//! Which program is under test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::{Result, target_directory, workspace};

/// The server, built if need be. Cargo finds nothing to do when the workspace was built before.
///
/// # Errors
/// If it does not build; the compiler's messages are on standard error.
pub fn quilt_mcp() -> Result<&'static Path> {
    static BUILT: OnceLock<std::result::Result<PathBuf, String>> = OnceLock::new();
    BUILT.get_or_init(build).as_deref().map_err(|message| message.clone().into())
}

fn build() -> std::result::Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // The whole workspace: with one package, cargo would choose other features of the shared dependencies and build
    // them anew.
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--workspace", "--bin", "quilt-mcp"])
        .current_dir(workspace())
        .status()
        .map_err(|problem| format!("cargo cannot be started: {problem}"))?;
    if !built.success() {
        return Err("quilt-mcp does not build".into());
    }
    Ok(target_directory().join("debug").join("quilt-mcp"))
}
