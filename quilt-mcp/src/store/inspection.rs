//! Looks through the files of a store that nobody need be serving.

use std::path::{Path, PathBuf};

use super::backup::{BackupError, tenant_files};
use super::connection::Failure;
use super::tenant_file::is_place_of;
use super::{WorkOutcome, connection, migrations};

/// A tenant's file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound {
    /// Which.
    pub file: PathBuf,
    /// Whose, if that can be read.
    pub tenant: Option<String>,
    /// What is wrong with it, for the operator.
    pub why: String,
    /// Whether it is not what it has to be, so that a backup is the way out; else it could only not be looked at.
    pub damaged: bool,
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
        let tenant = tenant_of(&file);
        let looked_at = connection::open(&file).and_then(|open| match &tenant {
            Some(name) if !is_place_of(&file, name) => {
                Err(Failure::Unusable("this is not the place of that tenant's file".into()))
            }
            name => migrations::recognise(&open, name.as_deref().unwrap_or_default()),
        });
        let failure = looked_at.err()?;
        let damaged = failure.outcome() == WorkOutcome::Damaged;
        Some(Unsound { tenant, file, why: failure.why(), damaged })
    });
    Ok((files.len(), unsound.collect()))
}

/// The tenant that a file names, however damaged the rest of it is.
fn tenant_of(file: &Path) -> Option<String> {
    let connection = connection::open_unchecked(file).ok()?;
    migrations::tenant_of(&connection).ok()
}
