//! A package as files of this machine.

use std::future::ready;
use std::path::{Path, PathBuf};
use std::pin::pin;

use futures_util::TryStreamExt;
use quilt_package::hash::Mismatch;
use quilt_package::{Entry, LogicalKey};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use super::manifest::entries;
use super::{PackageService, Revision, object_of};
use crate::client::s3::S3Client;
use crate::domain::deployment::Deployment;
use crate::error::{ErrorCode, ToolError};
use crate::service::hashing::Pipeline;

/// How many objects are fetched at a time.
const CONCURRENT_FETCHES: usize = 8;

/// What happens to files that are there already and say something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// The call is refused before anything is written.
    Refuse,
    /// They are replaced.
    Replace,
}

/// What was installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Files that were written.
    pub written: u64,
    /// Files that were there already and say the same.
    pub kept: u64,
    /// Bytes of all of them.
    pub bytes: u64,
}

impl PackageService<'_> {
    /// Whether this server may write files of its machine.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::Unsupported`]: it works for many.
    pub fn may_install(&self, mode: Deployment) -> Result<(), ToolError> {
        match mode {
            Deployment::SingleUser => Ok(()),
            Deployment::MultiTenant => {
                let why = "this server works for many and writes no files of its machine";
                Err(ToolError::new(ErrorCode::Unsupported, why)
                    .with_hint("run a server of your own, or download with the links of package_browse"))
            }
        }
    }

    /// Writes the entries of a revision below `directory`: those in `part` of it, or all.
    ///
    /// The manifest is verified, and every place looked at, before anything is written. Each file is verified before it
    /// takes its name, so an interrupted call leaves whole files only, and a repeat goes on.
    ///
    /// # Errors
    ///
    /// The directory is not absolute, a file is in the way, the caller may not read an object,
    /// or one is not what the manifest says.
    pub async fn install(
        &self,
        revision: &Revision,
        part: Option<&LogicalKey>,
        directory: &Path,
        overwrite: Overwrite,
    ) -> Result<Installed, ToolError> {
        if !directory.is_absolute() {
            return Err(ToolError::invalid_input("`dest` has to be an absolute path"));
        }
        let mut manifest = self.manifest(revision).await?;
        let mut total = 0;
        while let Some(entry) = manifest.next().await? {
            if is_wanted(&entry, part) {
                total += 1;
                self.look_at(&entry, &place(&entry.logical_key, directory)?, overwrite).await?;
            }
        }
        if let Some(part) = part.filter(|_| total == 0) {
            return Err(ToolError::not_found(format!("the package has nothing at `{part}`")));
        }
        self.write_all(revision, part, directory, total).await
    }

    async fn write_all(
        &self,
        revision: &Revision,
        part: Option<&LogicalKey>,
        directory: &Path,
        total: u64,
    ) -> Result<Installed, ToolError> {
        let s3 = self.auth.s3().await?;
        let writes = entries(self.manifest(revision).await?)
            .try_filter(|entry| ready(is_wanted(entry, part)))
            .and_then(|entry| ready(place(&entry.logical_key, directory).map(|path| (entry, path))))
            .map_ok(|(entry, path)| self.write(s3, entry, path));
        let mut writes = pin!(writes.try_buffer_unordered(CONCURRENT_FETCHES));
        let mut done = Installed::default();
        while let Some(file) = writes.try_next().await? {
            *if file.written { &mut done.written } else { &mut done.kept } += 1;
            done.bytes += file.size;
            let files = done.written + done.kept;
            self.progress.report(files, Some(total), || format!("{files} of {total} files"));
        }
        Ok(done)
    }

    /// Whether the entry may be written there.
    async fn look_at(&self, entry: &Entry, path: &Path, overwrite: Overwrite) -> Result<(), ToolError> {
        if overwrite == Overwrite::Replace || !exists(path).await? || self.says_the_same(entry, path).await? {
            return Ok(());
        }
        let message = format!("`{}` is there already and differs", path.display());
        Err(ToolError::new(ErrorCode::Conflict, message)
            .with_hint("choose another directory, or set `overwrite`"))
    }

    /// Fetches an object into a file, unless the file is there and says the same.
    async fn write(&self, s3: &S3Client, entry: Entry, path: PathBuf) -> Result<File, ToolError> {
        if exists(&path).await? && self.says_the_same(&entry, &path).await? {
            return Ok(File { written: false, size: entry.size });
        }
        let refused = |error: std::io::Error| on_this_machine(&path, &error);
        let parent = path.parent().ok_or_else(|| ToolError::internal("a file without a directory"))?;
        tokio::fs::create_dir_all(parent).await.map_err(refused)?;
        let _turn = self.turns.next().await?;
        let mut body = s3.open(&object_of(&entry.physical_key)?).await?;
        let differs = |why: Mismatch| {
            let message = format!("`{}` is not what the package says: {why}", entry.logical_key);
            ToolError::new(ErrorCode::InvalidState, message)
                .with_hint("package_verify lists every object that differs")
        };
        if body.size() != entry.size {
            return Err(differs(Mismatch::Size { expected: entry.size, found: body.size() }));
        }
        // Removed when it is dropped, so that a cancelled call leaves nothing half written.
        let draft = NamedTempFile::new_in(parent).map_err(refused)?;
        let mut file = tokio::fs::File::from_std(draft.as_file().try_clone().map_err(refused)?);
        let mut pipeline = Pipeline::new(self.threads, algorithm(&entry)?.hasher(entry.size));
        while let Some(bytes) = body.next().await? {
            pipeline.update(bytes.clone()).await?;
            file.write_all(&bytes).await.map_err(refused)?;
        }
        file.sync_all().await.map_err(refused)?;
        pipeline.finish().await?.verify(&entry.hash).map_err(differs)?;
        draft.persist(&path).map_err(|error| refused(error.error))?;
        Ok(File { written: true, size: entry.size })
    }

    async fn says_the_same(&self, entry: &Entry, path: &Path) -> Result<bool, ToolError> {
        let refused = |error: std::io::Error| on_this_machine(path, &error);
        let file = tokio::fs::File::open(path).await.map_err(refused)?;
        let found = file.metadata().await.map_err(refused)?;
        if !found.is_file() || found.len() != entry.size {
            return Ok(false);
        }
        let file = file.into_std().await;
        let hash = self.threads.file(file, entry.size, algorithm(entry)?, refused).await?;
        Ok(hash.is_ok_and(|found| found == entry.hash))
    }
}

/// A file that is as the package says.
struct File {
    written: bool,
    size: u64,
}

fn is_wanted(entry: &Entry, part: Option<&LogicalKey>) -> bool {
    part.is_none_or(|part| *part == entry.logical_key || part.contains(&entry.logical_key))
}

fn place(key: &LogicalKey, directory: &Path) -> Result<PathBuf, ToolError> {
    key.below(directory).ok_or_else(|| {
        ToolError::new(ErrorCode::InvalidState, format!("`{key}` cannot be a file name on this machine"))
    })
}

async fn exists(path: &Path) -> Result<bool, ToolError> {
    tokio::fs::try_exists(path).await.map_err(|error| on_this_machine(path, &error))
}

fn algorithm(entry: &Entry) -> Result<quilt_package::hash::Algorithm, ToolError> {
    let unknown = |why| ToolError::new(ErrorCode::Unsupported, format!("`{}`: {why}", entry.logical_key));
    entry.hash.algorithm().map_err(unknown)
}

fn on_this_machine(path: &Path, error: &std::io::Error) -> ToolError {
    ToolError::new(ErrorCode::Unavailable, format!("`{}` cannot be written: {error}", path.display()))
        .with_hint("choose a directory that you may write to")
}
