//! A whole manifest in memory, to change it.

use std::collections::{BTreeMap, btree_map};
use std::io::{BufRead, Write};
use std::ops::Bound;

use crate::json::Object;
use crate::{LogicalKey, OrderError, TopHash, TopHasher};

use super::error::{ManifestError, Problem, WriteError};
use super::{Directory, Entry, Header, Reader, Record, Writer};

/// A package: its header, and its entries in order.
///
/// Memory grows with the number of entries, by about the length of their lines. To look at a package once, stream it.
///
/// ```
/// use quilt_package::{Header, Manifest};
///
/// let mut manifest = Manifest::new(Header::new(Some("one")));
/// assert!(manifest.is_empty());
/// let (bytes, top_hash) = manifest.to_bytes()?;
/// assert_eq!(Manifest::read(&*bytes)?.top_hash(), top_hash);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The first line.
    pub header: Header,
    directories: BTreeMap<LogicalKey, Object>,
    entries: BTreeMap<LogicalKey, Entry>,
}

impl Manifest {
    /// Without entries.
    pub fn new(header: Header) -> Self {
        Self { header, directories: BTreeMap::new(), entries: BTreeMap::new() }
    }

    /// Reads all of it. Entries may come in any order; they are sorted, as the top hash wants them.
    ///
    /// # Errors
    /// If a line cannot be read, or two entries cannot be in one package.
    pub fn read(bytes: impl BufRead) -> Result<Self, ManifestError> {
        let mut manifest = Self::new(Header::new(None));
        for (line, record) in (1..).zip(Reader::new(bytes)) {
            manifest.add(record?).map_err(|why| ManifestError { line, problem: Problem::Order(why) })?;
        }
        Ok(manifest)
    }

    /// Adds what a line says, in any order.
    ///
    /// # Errors
    /// If there is such an entry already, or the key would be a file and a directory at once.
    pub fn add(&mut self, record: Record) -> Result<(), OrderError> {
        match record {
            Record::Header(header) => self.header = header,
            Record::Directory(directory) => self.set_directory(directory),
            Record::Entry(entry) if self.entries.contains_key(&entry.logical_key) => {
                return Err(OrderError::Duplicate(entry.logical_key));
            }
            Record::Entry(entry) => drop(self.set(entry)?),
        }
        Ok(())
    }

    /// Adds an entry, or replaces the one of this key, which is returned.
    ///
    /// # Errors
    /// If the key would be a file and a directory at once.
    pub fn set(&mut self, entry: Entry) -> Result<Option<Entry>, OrderError> {
        let key = &entry.logical_key;
        let after = self.entries.range((Bound::Excluded(key), Bound::Unbounded)).next();
        if let Some((inside, _)) = after.filter(|(next, _)| key.contains(next)) {
            return Err(OrderError::FileAndDirectory { file: key.clone(), inside: inside.clone() });
        }
        let parents = key.as_str().match_indices('/').map(|(at, _)| &key.as_str()[..at]);
        for parent in parents.filter_map(|parent| parent.parse::<LogicalKey>().ok()) {
            if self.entries.contains_key(&parent) {
                return Err(OrderError::FileAndDirectory { file: parent, inside: key.clone() });
            }
        }
        Ok(self.entries.insert(key.clone(), entry))
    }

    /// Removes the entry of this key, which is returned.
    pub fn remove(&mut self, key: &LogicalKey) -> Option<Entry> {
        self.entries.remove(key)
    }

    /// The entry of this key.
    pub fn get(&self, key: &LogicalKey) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The entries, in order.
    pub fn entries(&self) -> btree_map::Values<'_, LogicalKey, Entry> {
        self.entries.values()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Replaces what is said of a directory; with no members, nothing is.
    pub fn set_directory(&mut self, directory: Directory) {
        if directory.meta.is_empty() {
            self.directories.remove(&directory.path);
        } else {
            self.directories.insert(directory.path, directory.meta);
        }
    }

    /// What is said of a directory.
    pub fn directory(&self, path: &LogicalKey) -> Option<&Object> {
        self.directories.get(path)
    }

    /// The hash of what it says.
    pub fn top_hash(&self) -> TopHash {
        let mut hasher = TopHasher::new(&self.header);
        for entry in self.entries() {
            hasher.push(entry).expect("entries are in order and fit together");
        }
        hasher.finish()
    }

    /// Writes it, directories first, and returns the top hash.
    ///
    /// # Errors
    /// If an entry is a local file, a line is too long, or `out` fails.
    pub fn write<W: Write>(&self, out: W) -> Result<(W, TopHash), WriteError> {
        let mut writer = Writer::new(out, &self.header)?;
        for (path, meta) in &self.directories {
            writer.directory(&Directory { path: path.clone(), meta: meta.clone() })?;
        }
        for entry in self.entries() {
            writer.entry(entry)?;
        }
        Ok(writer.finish())
    }

    /// As [`Manifest::write`], into memory.
    ///
    /// # Errors
    /// As [`Manifest::write`].
    pub fn to_bytes(&self) -> Result<(Vec<u8>, TopHash), WriteError> {
        self.write(Vec::new())
    }
}
