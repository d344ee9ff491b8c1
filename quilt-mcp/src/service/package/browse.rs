//! What is in a package.

use std::collections::BTreeSet;

use quilt_package::{Entry, Header, LogicalKey, Object};

use super::{ManifestStream, PackageService, Revision};
use crate::error::ToolError;

/// More kinds of files than this are not told apart.
const MAX_FILE_TYPES: usize = 256;

/// The metadata of all rows takes at most so many bytes. An answer has it in several forms at once.
const MAX_METADATA: usize = 1 << 20;
/// And their keys and hashes so many, which only a package with monstrous ones comes to.
const MAX_TEXTS: usize = 4 << 20;

/// How much of a package is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many levels of directories are opened. What lies deeper is shown as one directory. None: all.
    pub depth: Option<usize>,
    /// How many rows are shown. All entries are counted.
    pub rows: usize,
    /// Whether files are shown with their metadata.
    pub metadata: bool,
}

/// About how many bytes rows take.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    metadata: usize,
    texts: usize,
}

/// A package, or what was to be shown of it.
#[derive(Clone, Debug)]
pub struct Browsed {
    /// What the package says of itself.
    pub header: Header,
    /// Of the whole package.
    pub totals: Totals,
    /// Files, and directories that were not opened, in the order of the package.
    pub rows: Vec<Row>,
    /// Whether there are more rows.
    pub truncated: bool,
    held: Held,
}

/// Counts over a whole package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Entries.
    pub entries: u64,
    /// Directories, at any depth.
    pub directories: u64,
    /// Bytes of all entries.
    pub size: u64,
    /// The endings of file names, without the dot; the first 256.
    pub file_types: BTreeSet<String>,
}

/// One line of what is shown.
#[derive(Clone, Debug)]
pub enum Row {
    /// An entry.
    File(Box<Entry>),
    /// A directory that was not opened.
    Directory {
        /// Its path, without a slash at the end.
        path: String,
        /// Entries in it, at any depth.
        entries: u64,
        /// Bytes of all of them.
        size: u64,
    },
}

impl PackageService<'_> {
    /// Reads a package and shows so much of it.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such revision, or its manifest is damaged.
    pub async fn browse(&self, revision: &Revision, shape: Shape) -> Result<Browsed, ToolError> {
        let manifest = self.manifest(revision).await?;
        self.look_through(manifest, shape).await
    }

    async fn look_through(&self, mut manifest: ManifestStream, shape: Shape) -> Result<Browsed, ToolError> {
        let header = manifest.header().clone();
        let (totals, held) = (Totals::default(), Held::default());
        let mut shown = Browsed { header, totals, rows: Vec::new(), truncated: false, held };
        let mut last: Option<LogicalKey> = None;
        while let Some(entry) = manifest.next().await? {
            shown.totals.add(&entry, last.as_ref());
            last = Some(entry.logical_key.clone());
            shown.show(entry, shape);
            let done = shown.totals.entries;
            if done.is_multiple_of(10_000) {
                self.progress.report(done, None, || format!("{done} entries read"));
            }
        }
        Ok(shown)
    }
}

impl Totals {
    /// Counts an entry that comes after `last`.
    fn add(&mut self, entry: &Entry, last: Option<&LogicalKey>) {
        self.entries += 1;
        self.size = self.size.saturating_add(entry.size);
        // In order, a directory is new if it was not one of the last entry's.
        let directories = |key: &LogicalKey| key.components().count() - 1;
        let shared = last.map_or(0, |last| {
            let both = last.components().zip(entry.logical_key.components());
            both.take_while(|(one, other)| one == other).count().min(directories(last))
        });
        self.directories += (directories(&entry.logical_key) - shared) as u64;
        // Most entries end as one before them: nothing is made anew for those.
        if let Some(ending) = ending(&entry.logical_key)
            && !self.file_types.contains(ending)
            && self.file_types.len() < MAX_FILE_TYPES
        {
            self.file_types.insert(ending.to_lowercase());
        }
    }
}

impl Browsed {
    fn show(&mut self, mut entry: Entry, shape: Shape) {
        let opened = shape.depth.unwrap_or(usize::MAX);
        let closed = entry.logical_key.as_str().match_indices('/').nth(opened.saturating_sub(1));
        let Some((end, _)) = closed.filter(|_| opened > 0) else {
            if !shape.metadata {
                // A map that is only cleared keeps its table.
                entry.meta = Object::new();
            }
            let held = Held { metadata: entry.metadata_held(), texts: entry.texts_held() };
            return self.push(held, shape.rows, || Row::File(Box::new(entry)));
        };
        let directory = &entry.logical_key.as_str()[..end];
        match self.rows.last_mut() {
            // Once rows are cut off, the last one is of the last directory that is shown.
            Some(Row::Directory { path, entries, size }) if path == directory => {
                *entries += 1;
                *size = size.saturating_add(entry.size);
            }
            _ => {
                let (path, size) = (directory.to_owned(), entry.size);
                let held = Held { metadata: 0, texts: path.len() };
                self.push(held, shape.rows, || Row::Directory { path, entries: 1, size });
            }
        }
    }

    /// Once one row was left out, so are those after it: what is shown are the first.
    fn push(&mut self, row_held: Held, most: usize, row: impl FnOnce() -> Row) {
        let held = Held {
            metadata: self.held.metadata + row_held.metadata,
            texts: self.held.texts + row_held.texts,
        };
        let fits = self.rows.len() < most && held.metadata <= MAX_METADATA && held.texts <= MAX_TEXTS;
        if fits && !self.truncated {
            self.held = held;
            self.rows.push(row());
        } else {
            self.truncated = true;
        }
    }
}

/// The ending of a file's name, in lower case, without the dot.
pub(crate) fn file_type(key: &LogicalKey) -> Option<String> {
    ending(key).map(str::to_lowercase)
}

fn ending(key: &LogicalKey) -> Option<&str> {
    let (stem, ending) = key.file_name().rsplit_once('.')?;
    let plain = !stem.is_empty() && !ending.is_empty() && ending.len() <= 16;
    plain.then_some(ending)
}
