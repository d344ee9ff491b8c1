//! The hash that names a revision.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::canonical;
use crate::manifest::{Entry, Header};
use crate::order::{KeyOrder, OrderError};

/// SHA-256 over what a package says: header, keys, sizes, hashes and metadata, in order.
///
/// Where the bytes are is not part of it, nor what the package is called, so the same content has the same hash everywhere.
/// `Display` is 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopHash([u8; 32]);

/// Why a text is no top hash. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTopHash(&'static str);

impl fmt::Display for InvalidTopHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a top hash: {}", self.0)
    }
}

impl std::error::Error for InvalidTopHash {}

impl TopHash {
    /// The digest itself.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for TopHash {
    type Err = InvalidTopHash;

    fn from_str(text: &str) -> Result<Self, InvalidTopHash> {
        let wrong = InvalidTopHash("it has 64 digits, `0` to `9` and `a` to `f`");
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(wrong);
        }
        let mut digest = [0; 32];
        hex::decode_to_slice(text, &mut digest).map_err(|_| wrong)?;
        Ok(Self(digest))
    }
}

impl fmt::Display for TopHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for TopHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TopHash({self})")
    }
}

/// The beginning of a top hash: 6 to 64 digits, as people type it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashPrefix(String);

impl HashPrefix {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash itself, if this is all of it.
    pub fn whole(&self) -> Option<TopHash> {
        self.0.parse().ok()
    }

    /// Whether `hash` begins with it.
    pub fn begins(&self, hash: &TopHash) -> bool {
        hash.to_string().starts_with(&self.0)
    }
}

impl FromStr for HashPrefix {
    type Err = InvalidTopHash;

    fn from_str(text: &str) -> Result<Self, InvalidTopHash> {
        if !(6..=64).contains(&text.len()) || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(InvalidTopHash("its beginning has 6 to 64 digits, `0` to `9` and `a` to `f`"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for HashPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<TopHash> for HashPrefix {
    fn from(hash: TopHash) -> Self {
        Self(hash.to_string())
    }
}

/// Computes a top hash from a header and its entries as they stream by.
///
/// ```
/// use quilt_package::{Header, TopHasher};
///
/// let empty = TopHasher::new(&Header::new(Some("nothing here"))).finish();
/// assert_eq!(empty.to_string(), "29ed0c425d04917d85f94532fd2c4c37e5175d86661bd7d5f1ff33251c4d95a2");
/// ```
#[derive(Clone, Debug)]
pub struct TopHasher {
    digest: Sha256,
    order: KeyOrder,
    text: String,
}

impl TopHasher {
    /// Of a package with this header and, so far, no entries.
    pub fn new(header: &Header) -> Self {
        let mut hasher = Self { digest: Sha256::new(), order: KeyOrder::new(), text: String::new() };
        hasher.add(|out| canonical::write_object(out, header.members()));
        hasher
    }

    /// Adds the next entry.
    ///
    /// # Errors
    /// If it may not stand after the last one. The hasher is as it was.
    pub fn push(&mut self, entry: &Entry) -> Result<(), OrderError> {
        self.order.follow(&entry.logical_key)?;
        self.add(|out| write_entry(out, entry));
        Ok(())
    }

    /// The hash of the header and all entries.
    pub fn finish(self) -> TopHash {
        TopHash(self.digest.finalize().into())
    }

    fn add(&mut self, write: impl FnOnce(&mut String) -> fmt::Result) {
        self.text.clear();
        write(&mut self.text).expect("writing into a String cannot fail");
        self.digest.update(&self.text);
    }
}

/// What is hashed of an entry; members sorted by name, as they are everywhere in canonical JSON.
fn write_entry(out: &mut String, entry: &Entry) -> fmt::Result {
    use fmt::Write;

    out.write_str("{\"hash\":{\"type\":")?;
    canonical::write_string(out, entry.hash.kind())?;
    out.write_str(",\"value\":")?;
    canonical::write_string(out, entry.hash.value())?;
    out.write_str("},\"logical_key\":")?;
    canonical::write_string(out, entry.logical_key.as_str())?;
    out.write_str(",\"meta\":")?;
    canonical::write_object(out, &entry.meta)?;
    write!(out, ",\"size\":{}}}", entry.size)
}
