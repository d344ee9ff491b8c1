//! Files whose permissions matter: some must not be read by others, some must not be written by others.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::ConfigError;

const MAX_BYTES: u64 = 1 << 20;

/// Reads a file that only its owner may read.
///
/// # Errors
///
/// It cannot be read, is no regular file, is too large, is not UTF-8, or others may read it.
pub(super) fn read_secret(path: &Path, what: &str) -> Result<Zeroizing<String>, ConfigError> {
    read(path, what, 0o077, "others can read it: chmod 600 it")
}

/// Reads a file that only its owner may write.
///
/// # Errors
///
/// It cannot be read, is no regular file, is too large, is not UTF-8, or others may write it.
pub(super) fn read_trusted(path: &Path, what: &str) -> Result<Zeroizing<String>, ConfigError> {
    read(path, what, 0o022, "others can change it: chmod go-w it")
}

fn read(path: &Path, what: &str, forbidden: u32, remedy: &str) -> Result<Zeroizing<String>, ConfigError> {
    let refused = |why: &str| ConfigError::new(format!("{what} {}: {why}", path.display()));
    let mut file = File::open(path).map_err(|error| refused(&format!("cannot be opened ({error})")))?;
    // Asked of the open file, so that what is checked is what is read.
    let metadata = file.metadata().map_err(|error| refused(&format!("cannot be examined ({error})")))?;
    if !metadata.is_file() {
        return Err(refused("is not a regular file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(refused("is larger than 1 MiB"));
    }
    if shared(&metadata, forbidden) {
        return Err(refused(remedy));
    }
    // Reserved in advance: growing would leave unwiped copies behind.
    let capacity = usize::try_from(metadata.len()).unwrap_or_default() + 1;
    let mut text = Zeroizing::new(String::with_capacity(capacity));
    file.by_ref()
        .take(MAX_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| refused(&format!("cannot be read as UTF-8 text ({error})")))?;
    Ok(text)
}

#[cfg(unix)]
fn shared(metadata: &std::fs::Metadata, forbidden: u32) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & forbidden != 0
}

#[cfg(not(unix))]
fn shared(_metadata: &std::fs::Metadata, _forbidden: u32) -> bool {
    false
}
