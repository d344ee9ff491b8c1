//! Manifests: one JSON object a line, a header and then what is in the package.
//!
//! [`Reader`] and [`Writer`] stream, with memory for one line, so a package may have any number of entries. [`Decoder`] is the
//! reader for callers that are handed bytes, such as asynchronous ones. [`Manifest`] holds a whole package, to change it.

mod decoder;
mod directory;
mod entry;
mod error;
mod header;
mod whole;
mod write;

#[cfg(test)]
mod tests;

pub use decoder::{Decoder, Reader};
pub use directory::Directory;
pub use entry::Entry;
pub use error::{ManifestError, Problem, WriteError};
pub use header::Header;
pub use whole::Manifest;
pub use write::Writer;

/// A line may have this many bytes, without its end. quilt3 writes no longer ones.
pub const MAX_LINE: usize = 1_000_000;

/// What one line of a manifest says.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// The first line.
    Header(Header),
    /// Metadata of a directory. Rare, and not part of the top hash.
    Directory(Directory),
    /// An object.
    Entry(Entry),
}
