//! Files of a server under test.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Result;

/// In memory where there is such a place: who asks for this does not try how fast a disk is.
///
/// # Errors
/// If there is no room.
pub fn in_memory() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() { tempfile::tempdir_in(memory)? } else { tempfile::tempdir()? })
}

/// A file that nobody else can read: the server takes no other.
///
/// # Errors
/// If it cannot be written.
pub fn private(directory: &Path, name: &str, text: impl AsRef<[u8]>) -> Result<PathBuf> {
    let path = directory.join(name);
    fs::write(&path, text)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(path)
}
