//! Hashes of objects.
//!
//! A manifest says of each entry what its bytes hash to, and how. [`ObjectHash`] is that statement, as stored; a [`Hasher`]
//! computes one, or checks one, while bytes stream by.

mod chunked;
mod crc64nvme;
pub mod file;
mod sha256;

#[cfg(test)]
mod tests;

use std::fmt;

pub use chunked::{ChunkHasher, MIN_CHUNK, chunk_size, chunks, combine};

use chunked::Chunked;
use crc64nvme::Crc64Nvme;
use sha256::PlainSha256;

/// How an object is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `sha2-256-chunked`: SHA-256 of the SHA-256 of each chunk. The only one that new entries get.
    Sha256Chunked,
    /// `SHA256`: of the whole object. In manifests from before August 2024.
    Sha256,
    /// `CRC64NVME`: a checksum that S3 has of every new object. Written by some catalogs.
    Crc64Nvme,
}

impl Algorithm {
    /// Its name in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256Chunked => "sha2-256-chunked",
            Self::Sha256 => "SHA256",
            Self::Crc64Nvme => "CRC64NVME",
        }
    }

    /// Hashes an object of `size` bytes, which the algorithm may have to know.
    pub fn hasher(self, size: u64) -> Hasher {
        let state = match self {
            Self::Sha256Chunked => State::Chunked(Chunked::new(size)),
            Self::Sha256 => State::Sha256(PlainSha256::default()),
            Self::Crc64Nvme => State::Crc64Nvme(Crc64Nvme::new()),
        };
        Hasher { state, expected: size, seen: 0 }
    }
}

/// What a manifest says an object hashes to. Kept as stored: an unknown type can be shown and copied, not checked.
///
/// ```
/// use quilt_package::hash::Algorithm;
///
/// let mut hasher = Algorithm::Sha256Chunked.hasher(13);
/// hasher.update(b"Hello, ");
/// hasher.update(b"World!");
/// assert_eq!(hasher.finish()?.value(), "BCp9ZKWB7y7pg/IQWIAcw1ZjtwXmxV9i+o4PGOzHCYk=");
/// # Ok::<_, quilt_package::hash::Mismatch>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectHash {
    kind: Box<str>,
    value: Box<str>,
}

impl ObjectHash {
    /// As it stands in a manifest.
    pub fn new(kind: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        Self { kind: kind.into(), value: value.into() }
    }

    /// The type, as stored.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The value, as stored.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether `found`, which was computed, is what this says.
    ///
    /// # Errors
    /// If it is not.
    pub fn check(&self, found: Self) -> Result<(), Mismatch> {
        if found == *self { Ok(()) } else { Err(Mismatch::Hash { expected: self.clone(), found }) }
    }

    /// How to compute it.
    ///
    /// # Errors
    /// If this version does not know the type.
    pub fn algorithm(&self) -> Result<Algorithm, UnsupportedHash> {
        [Algorithm::Sha256Chunked, Algorithm::Sha256, Algorithm::Crc64Nvme]
            .into_iter()
            .find(|algorithm| algorithm.name() == &*self.kind)
            .ok_or_else(|| UnsupportedHash(self.kind.to_string()))
    }
}

/// A type of hash that cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedHash(String);

impl fmt::Display for UnsupportedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "hashes of type `{}` cannot be checked, only `sha2-256-chunked`, `SHA256` and `CRC64NVME`",
            self.0
        )
    }
}

impl std::error::Error for UnsupportedHash {}

/// Why bytes are not the object that a manifest describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// There were more or fewer bytes.
    Size {
        /// As the manifest says.
        expected: u64,
        /// How many there were.
        found: u64,
    },
    /// They hash to something else.
    Hash {
        /// As the manifest says.
        expected: ObjectHash,
        /// What they hash to.
        found: ObjectHash,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { expected, found } => write!(f, "expected {expected} bytes, found {found}"),
            Self::Hash { expected, found } => {
                write!(f, "expected {} {}, found {}", expected.kind, expected.value, found.value)
            }
        }
    }
}

impl std::error::Error for Mismatch {}

/// Hashes bytes as they come. Memory does not grow with the object.
#[derive(Clone, Debug)]
pub struct Hasher {
    state: State,
    expected: u64,
    seen: u64,
}

#[derive(Clone, Debug)]
enum State {
    Chunked(Chunked),
    Sha256(PlainSha256),
    Crc64Nvme(Crc64Nvme),
}

impl Hasher {
    /// Adds the next bytes, however they are cut.
    pub fn update(&mut self, bytes: &[u8]) {
        self.seen += bytes.len() as u64;
        match &mut self.state {
            State::Chunked(state) => state.update(bytes),
            State::Sha256(state) => state.update(bytes),
            State::Crc64Nvme(state) => state.update(bytes),
        }
    }

    /// The hash of all bytes.
    ///
    /// # Errors
    /// If there were not as many as was said.
    pub fn finish(self) -> Result<ObjectHash, Mismatch> {
        if self.seen != self.expected {
            return Err(Mismatch::Size { expected: self.expected, found: self.seen });
        }
        Ok(match self.state {
            State::Chunked(state) => state.finish(),
            State::Sha256(state) => state.finish(),
            State::Crc64Nvme(state) => state.finish(),
        })
    }

    /// Whether all bytes hash to `expected`.
    ///
    /// # Errors
    /// If they do not, or there were not as many as was said.
    pub fn verify(self, expected: &ObjectHash) -> Result<(), Mismatch> {
        expected.check(self.finish()?)
    }
}
