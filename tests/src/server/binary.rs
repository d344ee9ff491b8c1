//! Which program is under test, and how it is told to end.

use std::path::PathBuf;
use std::process::Command;

use crate::Result;

/// The server as it is.
///
/// # Errors
/// If cargo has not built it: it builds the programs of this package with its integration tests.
pub fn server() -> Result<PathBuf> {
    program("quilt-mcp-under-test")
}

/// A program of this package.
///
/// # Errors
/// If cargo has not built it.
pub fn program(name: &str) -> Result<PathBuf> {
    // Programs stand one folder above the tests that are built with them.
    let test = std::env::current_exe()?;
    let built = test.parent().and_then(|deps| deps.parent()).map(|folder| folder.join(name));
    built
        .filter(|path| path.is_file())
        .ok_or_else(|| format!("`{name}` is not built: run the tests with `cargo test --workspace`").into())
}

/// Sends a process a signal, by its name without `SIG`.
///
/// # Errors
/// If the signal cannot be sent.
pub fn signal(process: u32, name: &str) -> Result<()> {
    // Sending a signal takes `unsafe` or a shell.
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status()?;
    if sent.success() { Ok(()) } else { Err(format!("SIG{name} could not be sent").into()) }
}
