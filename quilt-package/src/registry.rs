//! Where a registry keeps what: pure paths, no access.
//!
//! A registry is a bucket. A manifest is stored under its hash, once for all packages that say the same. A package is a
//! directory of pointers, objects that hold a top hash: one for each revision, named by its second, and `latest`.

use std::fmt;

use crate::{PackageName, TopHash};

/// Below this are all pointers of all packages.
pub const NAMED_PACKAGES: &str = ".quilt/named_packages/";
/// Below this are all manifests.
pub const MANIFESTS: &str = ".quilt/packages/";
/// The rules that a package must keep before it may be pushed; see [`workflow`](crate::workflow).
pub const WORKFLOWS: &str = ".quilt/workflows/config.yml";

/// The catalog ignores pointers of earlier seconds: 2016-01-01T00:00:00Z.
const EARLIEST: u64 = 1_451_631_600;
/// Pointers have ten digits.
const LATEST: u64 = 9_999_999_999;

/// The second a revision was pushed in, counted from 1970, as pointers are named: ten digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(u64);

impl Timestamp {
    /// None for seconds that the catalog would not show: before 2016 or after the year 2286.
    pub fn new(seconds: u64) -> Option<Self> {
        (EARLIEST..=LATEST).contains(&seconds).then_some(Self(seconds))
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// The second after, for when this one is taken: two revisions may not share a pointer, or the first is lost.
    pub fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A name below a package that stands for a revision. `latest` is greater than every second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pointer {
    /// A revision, by when it was pushed.
    At(Timestamp),
    /// The current revision.
    Latest,
}

impl Pointer {
    /// From the last component of its key.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "latest" => Some(Self::Latest),
            digits if digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().ok().and_then(Timestamp::new).map(Self::At)
            }
            _ => None,
        }
    }

    /// What its object holds: the hash, and nothing else.
    pub fn content(hash: &TopHash) -> String {
        hash.to_string()
    }

    /// The hash that its object holds. None if it is no pointer's content.
    pub fn read(content: &[u8]) -> Option<TopHash> {
        std::str::from_utf8(content).ok()?.trim().parse().ok()
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::At(timestamp) => timestamp.fmt(f),
        }
    }
}

/// The key of a manifest.
pub fn manifest_key(hash: &TopHash) -> String {
    format!("{MANIFESTS}{hash}")
}

/// The hash in a manifest's key.
pub fn manifest_of(key: &str) -> Option<TopHash> {
    key.strip_prefix(MANIFESTS)?.parse().ok()
}

/// What the keys of a package's pointers begin with.
pub fn pointers_prefix(name: &PackageName) -> String {
    format!("{NAMED_PACKAGES}{name}/")
}

/// The key of a pointer.
///
/// ```
/// use quilt_package::registry::{Pointer, pointer_key, pointer_of};
///
/// let key = pointer_key(&"lab/run".parse()?, Pointer::Latest);
/// assert_eq!(key, ".quilt/named_packages/lab/run/latest");
/// assert_eq!(pointer_of(&key), Some(("lab/run".parse()?, Pointer::Latest)));
/// # Ok::<_, quilt_package::InvalidName>(())
/// ```
pub fn pointer_key(name: &PackageName, pointer: Pointer) -> String {
    format!("{NAMED_PACKAGES}{name}/{pointer}")
}

/// The package and the pointer that a key names; none if it is no pointer's.
pub fn pointer_of(key: &str) -> Option<(PackageName, Pointer)> {
    let (name, pointer) = key.strip_prefix(NAMED_PACKAGES)?.rsplit_once('/')?;
    Some((name.parse().ok()?, Pointer::parse(pointer)?))
}

/// Where a push puts an object by default.
pub fn object_key(name: &PackageName, key: &crate::LogicalKey) -> String {
    format!("{name}/{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_catalog_shows_is_a_pointer() {
        for text in ["", "newest", "170000000", "17000000000", "0000000001", "+700000000", "latest "] {
            assert_eq!(Pointer::parse(text), None, "{text}");
        }
        assert!(Pointer::parse("1700000000") < Pointer::parse("latest"));
    }

    #[test]
    fn a_pointer_holds_a_hash_and_nothing_else() {
        let hash = "0".repeat(64);
        assert!(Pointer::read(hash.as_bytes()).is_some());
        assert!(Pointer::read(format!("{hash}\n").as_bytes()).is_some(), "older ones end in a newline");
        assert!(Pointer::read(b"<html>").is_none());
    }
}
