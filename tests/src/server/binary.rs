//! Which program is under test, and how it is told to end.

use std::path::PathBuf;

use rustix::process::{Pid, Signal, kill_process};

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

/// Sends a process a signal.
///
/// # Errors
/// If the signal cannot be sent.
pub fn signal(process: u32, signal: Signal) -> Result<()> {
    let process = Pid::from_raw(process.try_into()?).ok_or("no process has the number 0")?;
    kill_process(process, signal).map_err(|error| format!("{signal:?} could not be sent: {error}").into())
}
