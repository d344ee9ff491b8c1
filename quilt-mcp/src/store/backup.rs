//! Copies of the store, made while it is in use, and put back.
//!
//! A backup is a directory: the tenants' files as the store lays them out, and `SHA256SUMS`, which `sha256sum --check`
//! reads too. Each file is as its tenant's was at one moment. The moments differ from tenant to tenant, as tenants have
//! nothing in common.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

use super::migrations;
use super::tenant_file::{is_place_of, path_of};

const SUMS: &str = "SHA256SUMS";

/// For how long a file may be locked by others before the backup gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a backup was not made, or not put back.
#[derive(Debug)]
pub struct BackupError(String);

impl BackupError {
    fn at(path: &Path, why: impl fmt::Display) -> Self {
        Self(format!("{}: {why}", path.display()))
    }
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BackupError {}

/// Copies the store of `data_dir`, which may be in use, into the new directory `to`. How many files there were.
///
/// # Errors
///
/// A file cannot be read, is damaged, or cannot be written. What was written so far is of no use then, and has no
/// `SHA256SUMS`.
pub fn backup(data_dir: &Path, to: &Path) -> Result<usize, BackupError> {
    new_directory(to)?;
    let mut sums = String::new();
    let files = tenant_files(data_dir)?;
    for relative in &files {
        let (source, copy) = (data_dir.join(relative), to.join(relative));
        let parent = copy.parent().unwrap_or(to);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .map_err(|e| BackupError::at(parent, e))?;
        copy_database(&source, &copy).map_err(|error| BackupError::at(&source, error))?;
        let sum = sum_of(&copy).map_err(|error| BackupError::at(&copy, error))?;
        sums.push_str(&format!("{sum}  {}\n", relative.display()));
        sync_directories(&copy, to)?;
    }
    // Last, so that its presence says that the backup is whole.
    write_synced(&to.join(SUMS), sums.as_bytes())?;
    sync_directory(to)?;
    Ok(files.len())
}

/// Puts the backup `from` into `data_dir`, which must have no store. How many files there were.
///
/// # Errors
///
/// The backup is not whole or not sound, there is a store already, or a file cannot be written.
pub fn restore(from: &Path, data_dir: &Path) -> Result<usize, BackupError> {
    let files = sound_files(from)?;
    if !tenant_files(data_dir)?.is_empty() {
        let why = "there is a store already: move it away, or restore one tenant with --tenant";
        return Err(BackupError::at(data_dir, why));
    }
    for relative in &files {
        put(&from.join(relative), &data_dir.join(relative), data_dir)?;
    }
    Ok(files.len())
}

/// Puts the file of `tenant` from the backup `from` in place of the one in `data_dir`. What was there, log and all, is
/// kept beside it under another name, which is returned.
///
/// # Errors
///
/// The backup is not whole or not sound or has nothing of this tenant, or a file cannot be written.
pub fn restore_tenant(from: &Path, data_dir: &Path, tenant: &str) -> Result<Option<PathBuf>, BackupError> {
    let target = path_of(&data_dir.join("tenants"), tenant);
    let relative = path_of(Path::new("tenants"), tenant);
    if !sound_files(from)?.contains(&relative) {
        return Err(BackupError::at(from, format_args!("has nothing of the tenant {tenant:?}")));
    }
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut kept = None;
    // The log first: beside a database that it does not belong to it would be taken for its latest changes.
    for suffix in ["-wal", "-shm", ""] {
        let old = with_suffix(&target, suffix);
        let aside = with_suffix(&target, &format!(".before-restore-{seconds}{suffix}"));
        match fs::rename(&old, &aside) {
            Ok(()) => kept = Some(aside),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(BackupError::at(&old, error)),
        }
    }
    put(&from.join(&relative), &target, data_dir)?;
    Ok(kept)
}

/// The tenants' files below `root`, relative to it, in order.
pub(super) fn tenant_files(root: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let mut files = Vec::new();
    let tenants = root.join("tenants");
    if !tenants.exists() {
        return Ok(files);
    }
    for digits in entries(&tenants)?.into_iter().filter(|path| path.is_dir()) {
        let databases =
            entries(&digits)?.into_iter().filter(|path| path.extension().is_some_and(|e| e == "db"));
        files.extend(databases.filter_map(|path| Some(path.strip_prefix(root).ok()?.to_owned())));
    }
    files.sort();
    Ok(files)
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let read = || fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>();
    read().map_err(|error| BackupError::at(directory, error))
}

/// By SQLite's own means, which see what is only in the log yet, and start again if the file changes meanwhile.
fn copy_database(source: &Path, copy: &Path) -> Result<(), Box<dyn std::error::Error>> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(copy)?;
    // Not read-only: a reader of a database with a log has to write to the index of the log.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let from = Connection::open_with_flags(source, flags)?;
    from.busy_timeout(PATIENCE)?;
    let mut to = Connection::open(copy)?;
    {
        let backup = Backup::new(&from, &mut to)?;
        // All pages in one step: it reads one state of the file, and in a database with a log readers stop nobody.
        match backup.step(-1)? {
            StepResult::Done => {}
            unfinished => return Err(format!("the copy did not come to an end: {unfinished:?}").into()),
        }
    }
    check(&to)?;
    // A backup is one file: without a log of its own.
    to.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    to.close().map_err(|(_, error)| error)?;
    Ok(File::open(copy)?.sync_all()?)
}

fn check(connection: &Connection) -> Result<(), Box<dyn std::error::Error>> {
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(format!("is damaged: {verdict}").into()) }
}

/// That it is a sound database, and where the file of its tenant has to be. Sums say only that it is what somebody put there.
fn check_tenants_file(file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    check(&connection)?;
    // A server that ended, or found the disk full, before the first change leaves an empty one.
    if migrations::is_new(&connection).map_err(|failure| failure.why())? {
        return Ok(());
    }
    if is_place_of(file, &migrations::tenant_of(&connection)?) {
        Ok(())
    } else {
        Err("this is not its tenant's place".into())
    }
}

/// The files that `SHA256SUMS` names, all there, as they were written, and of tenants.
fn sound_files(from: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let sums = from.join(SUMS);
    let text = fs::read_to_string(&sums)
        .map_err(|error| BackupError::at(&sums, format_args!("is no whole backup ({error})")))?;
    let mut files = Vec::new();
    for line in text.lines() {
        let (sum, name) = line
            .split_once("  ")
            .ok_or_else(|| BackupError::at(&sums, format_args!("{line:?} is no sum")))?;
        let relative = Path::new(name);
        let below = relative.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !below || !relative.starts_with("tenants") {
            return Err(BackupError::at(&sums, format_args!("{name:?} is no tenant's file")));
        }
        let file = from.join(relative);
        let found = sum_of(&file).map_err(|error| BackupError::at(&file, error))?;
        if found != sum {
            return Err(BackupError::at(&file, "is not what was backed up"));
        }
        check_tenants_file(&file)
            .map_err(|why| BackupError::at(&file, format_args!("is no file of a tenant's: {why}")))?;
        files.push(relative.to_owned());
    }
    files.sort();
    if files != tenant_files(from)? {
        return Err(BackupError::at(from, format_args!("has other files than {SUMS} names")));
    }
    Ok(files)
}

/// Copies one file, wholly or not at all, and to the disk.
fn put(file: &Path, target: &Path, root: &Path) -> Result<(), BackupError> {
    let parent = target.parent().unwrap_or(root);
    DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(|e| BackupError::at(parent, e))?;
    let content = fs::read(file).map_err(|error| BackupError::at(file, error))?;
    let new = with_suffix(target, ".new");
    write_synced(&new, &content)?;
    fs::rename(&new, target).map_err(|error| BackupError::at(target, error))?;
    sync_directories(target, root)
}

fn write_synced(path: &Path, content: &[u8]) -> Result<(), BackupError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(|error| BackupError::at(path, error))
}

fn new_directory(path: &Path) -> Result<(), BackupError> {
    DirBuilder::new().mode(0o700).create(path).map_err(|error| BackupError::at(path, error))
}

/// Writes the entries of `file` and of the directories above it to disk, up to `root`.
fn sync_directories(file: &Path, root: &Path) -> Result<(), BackupError> {
    file.ancestors().skip(1).take_while(|above| above.starts_with(root)).try_for_each(sync_directory)
}

fn sync_directory(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(|error| BackupError::at(path, error))
}

fn sum_of(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(hex::encode(hash.finalize()))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests;
