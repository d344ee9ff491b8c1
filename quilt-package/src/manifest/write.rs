//! From records to bytes, a line at a time.

use std::fmt;
use std::io::Write;

use crate::json::write_object;
use crate::{TopHash, TopHasher};

use super::error::WriteError;
use super::{Directory, Entry, Header, MAX_LINE};
use crate::PhysicalKey;

/// Writes a manifest, and computes its top hash on the way.
///
/// Each line is written at once and whole. An asynchronous caller writes into a `Vec` and takes out of [`Writer::get_mut`]
/// what there is.
///
/// ```
/// use quilt_package::{Header, manifest::Writer};
///
/// let writer = Writer::new(Vec::new(), &Header::new(Some("nothing here")))?;
/// let (bytes, top_hash) = writer.finish();
/// assert_eq!(bytes, b"{\"version\": \"v0\", \"message\": \"nothing here\"}\n");
/// assert_eq!(top_hash.to_string(), "29ed0c425d04917d85f94532fd2c4c37e5175d86661bd7d5f1ff33251c4d95a2");
/// # Ok::<_, quilt_package::manifest::WriteError>(())
/// ```
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    hasher: TopHasher,
    entries: u64,
    line: String,
}

impl<W: Write> Writer<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// If it is too long, or `out` fails.
    pub fn new(out: W, header: &Header) -> Result<Self, WriteError> {
        let mut writer = Self { out, hasher: TopHasher::new(header), entries: 0, line: String::new() };
        writer.format("header", |line| {
            write_object(line, header.members())?;
            line.push('\n');
            Ok(())
        })?;
        writer.put()?;
        Ok(writer)
    }

    /// Writes what is said of a directory.
    ///
    /// # Errors
    /// If entries have been written, if the line is too long, or `out` fails.
    pub fn directory(&mut self, directory: &Directory) -> Result<(), WriteError> {
        if self.entries > 0 {
            return Err(WriteError::LateDirectory(directory.path.clone()));
        }
        self.format(directory.path.as_str(), |line| directory.write(line))?;
        self.put()
    }

    /// Writes the next entry.
    ///
    /// # Errors
    /// If it may not stand after the last one, is a local file, is too long, or `out` fails. Nothing of it is written then,
    /// but for what `out` took before it failed.
    pub fn entry(&mut self, entry: &Entry) -> Result<(), WriteError> {
        if matches!(entry.physical_key, PhysicalKey::Local(_)) {
            return Err(WriteError::Local(entry.logical_key.clone()));
        }
        self.format(entry.logical_key.as_str(), |line| entry.write(line))?;
        self.hasher.push(entry)?;
        self.entries += 1;
        self.put()
    }

    /// What has been written so far, and the top hash.
    pub fn finish(self) -> (W, TopHash) {
        (self.out, self.hasher.finish())
    }

    /// Where it writes to.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn format(
        &mut self,
        what: &str,
        write: impl FnOnce(&mut String) -> fmt::Result,
    ) -> Result<(), WriteError> {
        self.line.clear();
        write(&mut self.line).expect("writing into a String cannot fail");
        let bytes = self.line.len() - 1;
        if bytes > MAX_LINE {
            return Err(WriteError::TooLong { what: what.to_owned(), bytes });
        }
        Ok(())
    }

    fn put(&mut self) -> Result<(), WriteError> {
        self.out.write_all(self.line.as_bytes()).map_err(WriteError::Io)
    }
}
