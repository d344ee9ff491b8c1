//! How a database file is opened, and what its failures mean.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode as Sqlite, MAIN_DB, OpenFlags};

use super::WorkOutcome;
use crate::error::{ErrorCode, ToolError};

/// When a commit is on disk. `FULL`: before it is answered. Anything less loses acknowledged changes with the power.
pub(super) const SYNCHRONOUS: &str = "FULL";

/// Before this, a WAL reset could corrupt a database that has several connections.
pub(super) const MINIMUM_VERSION: i32 = 3_051_003;

/// How long to wait for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why work on a database did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// SQLite said so.
    Sqlite(rusqlite::Error),
    /// The database is sound; the answer is no.
    Refused(ToolError),
    /// The file is not what it has to be. For the operator.
    Unusable(String),
    /// Another file was put in its place while the work was done.
    Replaced,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        Self::Refused(error)
    }
}

impl Failure {
    /// Whether the connection may be used further. After a fault of the disk or the file it is opened, and the file
    /// checked, anew.
    pub(super) fn spoils_connection(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Unusable(_) | Self::Replaced => true,
            Self::Sqlite(error) => !matches!(
                error.sqlite_error_code(),
                None | Some(
                    Sqlite::DatabaseBusy | Sqlite::ConstraintViolation | Sqlite::DiskFull | Sqlite::TooBig
                )
            ),
        }
    }

    /// In words, for the operator.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Sqlite(error) => error.to_string(),
            Self::Refused(error) => error.to_string(),
            Self::Unusable(why) => why.clone(),
            Self::Replaced => "another file was put in its place".to_owned(),
        }
    }

    /// What it is counted as.
    pub(super) fn outcome(&self) -> WorkOutcome {
        match self {
            Self::Refused(error) if error.code() == ErrorCode::Internal => WorkOutcome::Damaged,
            Self::Refused(_) => WorkOutcome::Refused,
            Self::Unusable(_) => WorkOutcome::Damaged,
            Self::Replaced => WorkOutcome::Busy,
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => WorkOutcome::Damaged,
                Some(Sqlite::DiskFull) => WorkOutcome::Full,
                Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => WorkOutcome::Busy,
                _ => WorkOutcome::Failed,
            },
        }
    }

    /// What the caller is told. `file` is for the operator.
    pub(super) fn into_tool_error(self, file: &Path) -> ToolError {
        let file = file.display();
        let error = match self {
            Self::Refused(error) => return error,
            Self::Unusable(why) => return quarantined().with_detail(format!("{file}: {why}")),
            Self::Replaced => {
                return unavailable(
                    "the workflows of this tenant were restored meanwhile; nothing of this call was kept",
                )
                .with_hint("try again")
                .with_detail(format!("{file}: another file was put in its place"));
            }
            Self::Sqlite(error) => error,
        };
        let told = match error.sqlite_error_code() {
            Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => quarantined(),
            Some(Sqlite::DiskFull) => unavailable("the workflow store is full; nothing was changed")
                .with_hint("the operator has to free space; deleting workflows helps, too"),
            Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => {
                unavailable("the workflow store is busy; nothing was changed").with_hint("try again")
            }
            Some(Sqlite::ReadOnly) => {
                unavailable("the workflow store cannot be written at the moment; nothing was changed")
                    .with_hint("try again later; if it stays so, the operator has to look after it")
            }
            Some(
                Sqlite::SystemIoFailure
                | Sqlite::CannotOpen
                | Sqlite::PermissionDenied
                | Sqlite::FileLockingProtocolFailed
                | Sqlite::OutOfMemory,
            ) => unavailable("the workflow store cannot be used at the moment")
                .with_hint("try again later; if it stays so, the operator has to look after it"),
            _ => return ToolError::internal(format!("{file}: {error}")),
        };
        told.with_detail(format!("{file}: {error}"))
    }
}

/// Opens an existing file (of length zero: a new database) and checks that it is sound. Changes nothing in it. On a file
/// system that cannot be written it is opened for reading: see [`is_read_only`].
pub(super) fn open(file: &Path) -> Result<Connection, Failure> {
    let connection = open_unchecked(file)?;
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Failure::Unusable(verdict));
    }
    Ok(connection)
}

/// As [`open`], whatever state it is in.
pub(super) fn open_unchecked(file: &Path) -> Result<Connection, Failure> {
    match with_settings(file, OpenFlags::SQLITE_OPEN_READ_WRITE) {
        // A database with a log cannot be opened without one, and none can be made there. What nobody can change needs none.
        Err(Failure::Sqlite(error))
            if error.sqlite_error_code() == Some(Sqlite::CannotOpen) && is_at_rest(file) =>
        {
            let Ok(mut url) = url::Url::from_file_path(file) else { return Err(error.into()) };
            url.set_query(Some("immutable=1"));
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            with_settings(Path::new(url.as_str()), flags)
        }
        opened => opened,
    }
}

/// Whether the file cannot be changed over this connection. It may be possible over the next: keep none of them.
pub(super) fn is_read_only(connection: &Connection) -> bool {
    // Fails only if there is no such database, and there always is this one.
    connection.is_readonly(MAIN_DB).unwrap_or_default()
}

/// Whether nobody can write to the file, and all of it is in it.
fn is_at_rest(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    let written = OpenOptions::new().write(true).open(file);
    written.is_err_and(|error| error.kind() == io::ErrorKind::ReadOnlyFilesystem)
        && fs::metadata(log).map_or(true, |log| log.len() == 0)
}

fn with_settings(file: &Path, flags: OpenFlags) -> Result<Connection, Failure> {
    // One thread at a time uses a connection, which the borrow checker sees to. No symbolic links: the names in the
    // data directory are ours.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", SYNCHRONOUS)?;
    Ok(connection)
}

/// Turns the write-ahead log on. The file remembers it, so it must be known to be ours.
pub(super) fn use_write_ahead_log(connection: &Connection) -> Result<(), Failure> {
    let journal: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if journal != "wal" {
        return Err(Failure::Unusable(format!("no write-ahead log on this file system, but {journal}")));
    }
    Ok(())
}

/// Writes the log back into the file and closes it.
pub(super) fn close(connection: Connection) -> Result<(), Failure> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| Failure::Sqlite(error))
}

/// Refuses a SQLite that is known to corrupt.
pub(super) fn check_version(found: i32) -> Result<(), ToolError> {
    if found >= MINIMUM_VERSION {
        return Ok(());
    }
    Err(unavailable("the workflow store cannot be used with this build")
        .with_detail(format!("SQLite {found} is linked; at least {MINIMUM_VERSION} is needed")))
}

pub(super) fn unavailable(message: &str) -> ToolError {
    ToolError::new(ErrorCode::Unavailable, message)
}

fn quarantined() -> ToolError {
    unavailable("the workflows of this tenant cannot be read: their file is damaged")
        .with_hint("the operator has to restore it; other tenants are not affected")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_sqlite_is_refused_and_the_linked_one_is_not() {
        assert!(check_version(3_040_001).is_err());
        assert!(check_version(3_051_002).is_err());
        check_version(rusqlite::version_number()).expect("the bundled one");
    }

    #[test]
    fn the_settings_hold() -> Result<(), Box<dyn std::error::Error>> {
        let file = tempfile::NamedTempFile::new()?;
        let connection = open(&file.path().canonicalize()?).map_err(|failure| format!("{failure:?}"))?;
        use_write_ahead_log(&connection).map_err(|failure| format!("{failure:?}"))?;
        let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        assert_eq!(number("synchronous")?, 2);
        assert_eq!(number("foreign_keys")?, 1);
        assert_eq!(number("trusted_schema")?, 0);
        assert_eq!(number("cell_size_check")?, 1);
        assert_eq!(number("busy_timeout")?, i64::try_from(BUSY_TIMEOUT.as_millis())?);
        let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        assert_eq!(journal, "wal");
        Ok(())
    }

    #[test]
    fn a_full_disk_is_unavailable_and_says_that_nothing_changed() {
        let full =
            rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None);
        let error = Failure::from(full).into_tool_error(Path::new("f.db"));
        assert_eq!(error.code(), ErrorCode::Unavailable);
        assert!(error.message().contains("nothing was changed"));
    }
}
