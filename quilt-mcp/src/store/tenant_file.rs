//! One tenant's file: where it is, and one piece of work on it at a time.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rusqlite::Connection;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::connection::{self, Failure, unavailable};
use super::migrations;
use super::observer::Waiting;
use super::{StoreObserver, Work, WorkOutcome};
use crate::error::ToolError;

/// The file of a tenant, open or to be opened on first use.
///
/// The lock is asynchronous, so that work that waits for it holds no thread: however much one tenant has waiting, it
/// occupies at most one thread of the blocking pool, and other tenants find one.
#[derive(Clone)]
pub(super) struct TenantFile(Arc<Inner>);

struct Inner {
    tenant: String,
    path: PathBuf,
    connection: Arc<Mutex<Option<Open>>>,
    observer: Arc<dyn StoreObserver>,
}

/// The file, open.
pub(super) struct Open {
    connection: Connection,
    identity: Option<Identity>,
}

/// Which file of the machine has a name, by device and number. A name can be given to another file.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64);

impl Identity {
    /// Of the file at `path`, if there is one.
    fn at(path: &Path) -> Option<Self> {
        path.symlink_metadata().ok().map(|file| Self(file.dev(), file.ino()))
    }
}

impl Open {
    /// Whether this is the file at `path` still. Otherwise somebody has put another there, as `restore` does, and what is
    /// done to this one is done in vain.
    fn is_at(&self, path: &Path) -> bool {
        self.identity == Identity::at(path)
    }
}

#[cfg(test)]
impl std::ops::Deref for Open {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl TenantFile {
    /// The file of `tenant` under `directory`. Touches no disk.
    pub(super) fn new(directory: &Path, tenant: &str, observer: &Arc<dyn StoreObserver>) -> Self {
        let path = path_of(directory, tenant);
        let observer = Arc::clone(observer);
        Self(Arc::new(Inner { tenant: tenant.into(), path, connection: Arc::default(), observer }))
    }

    /// Does `work` on the connection, alone, off the runtime's threads.
    ///
    /// Once begun, work runs to its end even if the caller no longer waits; so a transaction is committed or rolled
    /// back, never left open.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        kind: Work,
        work: impl FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, ToolError> {
        let waiting = Waiting::of(&self.0.observer);
        let mut slot = Arc::clone(&self.0.connection).lock_owned().await;
        drop(waiting);
        let file = self.clone();
        let outcome = tokio::task::spawn_blocking(move || {
            let started = Instant::now();
            let outcome = file.work_on(&mut slot, work);
            let counted = outcome.as_ref().map_or_else(Failure::outcome, |_| WorkOutcome::Done);
            file.0.observer.worked(kind, counted, started.elapsed());
            outcome
        });
        match outcome.await {
            Ok(outcome) => outcome.map_err(|failure| failure.into_tool_error(&self.0.path)),
            Err(stopped) if stopped.is_cancelled() => Err(unavailable("the server is stopping")),
            Err(panic) => Err(ToolError::internal(format!("{}: {panic}", self.0.path.display()))),
        }
    }

    fn work_on<T>(
        &self,
        slot: &mut Option<Open>,
        work: impl FnOnce(&mut Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if slot.take_if(|open| !open.is_at(&self.0.path)).is_some() {
            self.0.observer.closed();
        }
        if slot.is_none() {
            *slot = Some(self.open()?);
            self.0.observer.opened();
        }
        let open = slot.as_mut().expect("opened just now, if not before");
        let outcome = match work(&mut open.connection) {
            // Not before the work alone: it may have waited for whoever put the other file there.
            Ok(_) if !open.is_at(&self.0.path) => Err(Failure::Replaced),
            outcome => outcome,
        };
        let connection = &open.connection;
        if outcome.as_ref().is_err_and(Failure::spoils_connection)
            || !connection.is_autocommit()
            || connection::is_read_only(connection)
        {
            *slot = None;
            self.0.observer.closed();
        }
        outcome
    }

    /// Waits for running work and closes the file. It opens again if it is used again.
    pub(super) async fn close(&self) {
        let mut slot = Arc::clone(&self.0.connection).lock_owned().await;
        let Some(Open { connection, .. }) = slot.take() else { return };
        self.0.observer.closed();
        let path = self.0.path.clone();
        // The lock is held until the file is closed.
        let closed = tokio::task::spawn_blocking(move || {
            let outcome = connection::close(connection);
            drop(slot);
            outcome
        });
        if let Ok(Err(failure)) = closed.await {
            // Nothing is lost: the log stays beside the file and is read at the next opening.
            tracing::warn!(file = %path.display(), ?failure, "a workflow file was closed without a checkpoint");
        }
    }

    /// Whether nobody but the caller has this handle.
    pub(super) fn is_idle(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    fn open(&self) -> Result<Open, Failure> {
        create(&self.0.path).map_err(|error| {
            Failure::Sqlite(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
                Some(error.to_string()),
            ))
        })?;
        // Of the file before it is opened: if it is replaced between, this is another, and no use is made of what was opened.
        let identity = Identity::at(&self.0.path);
        let mut connection = connection::open(&self.0.path)?;
        migrations::recognise(&connection, &self.0.tenant)?;
        if !connection::is_read_only(&connection) {
            connection::use_write_ahead_log(&connection)?;
        }
        migrations::prepare(&mut connection, &self.0.tenant)?;
        Ok(Open { connection, identity })
    }

    #[cfg(test)]
    pub(super) fn path(&self) -> &Path {
        &self.0.path
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Arc<Mutex<Option<Open>>> {
        &self.0.connection
    }
}

/// `<2 hexadecimal digits>/<64 hexadecimal digits>.db`: a digest, so a tenant's name can neither leave the directory nor
/// meet another's on a file system that folds case. The two digits keep directories small.
pub(super) fn path_of(directory: &Path, tenant: &str) -> PathBuf {
    let digest = hex::encode(Sha256::digest(tenant.as_bytes()));
    directory.join(&digest[..2]).join(format!("{digest}.db"))
}

/// Whether a server would look there for that tenant's file.
pub(super) fn is_place_of(file: &Path, tenant: &str) -> bool {
    let directory = file.parent().and_then(Path::parent);
    directory.is_some_and(|directory| path_of(directory, tenant) == file)
}

/// Makes the file and its directory if they are not there, for this user of the machine only.
fn create(path: &Path) -> io::Result<()> {
    let directory = path.parent().expect("a tenant's file is in a directory of its own digits");
    create_directory(directory)?;
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        // SQLite writes the file's directory entry to disk with the first log.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Makes a directory for this user of the machine only, and writes its entry to disk: a file that is durable in a
/// directory that is not would be lost with it.
pub(super) fn create_directory(directory: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => match directory.parent() {
            Some(parent) => File::open(parent)?.sync_all(),
            None => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tenant_name_leaves_the_directory_or_meets_another() {
        let names =
            ["acme", "Acme", "../acme", "/etc/passwd", "..", "a/b", "a\\b", "a:b", "", "acme.db", "a\0"];
        let mut paths: Vec<_> = names.iter().map(|name| path_of(Path::new("/data/tenants"), name)).collect();
        for path in &paths {
            let inside = path.strip_prefix("/data/tenants").expect("below the directory");
            let text = inside.to_str().expect("ASCII");
            assert!(
                text.bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b) || b"/.db".contains(&b))
            );
            assert_eq!(inside.components().count(), 2);
            assert_eq!(text.len(), 2 + 1 + 64 + 3);
        }
        // As on a file system that folds case.
        paths.iter_mut().for_each(|path| *path = path.to_str().expect("ASCII").to_lowercase().into());
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), names.len());
    }
}
