//! Looks through the files of a store that nobody need be serving.

use std::path::{Path, PathBuf};

use super::backup::{BackupError, tenant_files};
use super::connection;

/// A tenant's file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound {
    /// Which.
    pub file: PathBuf,
    /// Whose, if that can be read.
    pub tenant: Option<String>,
    /// What is wrong with it, for the operator.
    pub why: String,
}

/// Checks every tenant's file in `data_dir` as it is checked before it is used. How many there are, and which are unsound.
/// Changes nothing in them; a server may have them open.
///
/// # Errors
///
/// A directory cannot be read.
pub fn inspect(data_dir: &Path) -> Result<(usize, Vec<Unsound>), BackupError> {
    let files = tenant_files(data_dir)?;
    let unsound = files.iter().filter_map(|relative| {
        let file = data_dir.join(relative);
        let why = match connection::open(&file) {
            Ok(_) => return None,
            Err(failure) => failure.why(),
        };
        Some(Unsound { tenant: tenant_of(&file), file, why })
    });
    Ok((files.len(), unsound.collect()))
}

/// The tenant that a file names, however damaged the rest of it is.
fn tenant_of(file: &Path) -> Option<String> {
    let connection = connection::open_unchecked(file).ok()?;
    connection.query_row("SELECT name FROM tenant", [], |row| row.get(0)).ok()
}
