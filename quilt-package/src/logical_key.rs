//! Where an entry stands in its package.

use std::cmp::Ordering;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

/// A path inside a package: components separated by `/`, none of them empty, `.` or `..`.
///
/// Keys are ordered as a walk through the tree meets them, component by component, which is the order of manifests and of
/// the top hash. It is not the order of the texts.
///
/// ```
/// use quilt_package::LogicalKey;
///
/// let [in_directory, beside]: [LogicalKey; 2] = ["a/z.txt".parse()?, "a b.txt".parse()?];
/// assert!(in_directory < beside && in_directory.as_str() > beside.as_str());
/// assert!("a/../../etc/passwd".parse::<LogicalKey>().is_err());
/// # Ok::<_, quilt_package::InvalidLogicalKey>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogicalKey(Box<str>);

/// Why a text is no logical key. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidLogicalKey(&'static str);

impl fmt::Display for InvalidLogicalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a logical key: {}", self.0)
    }
}

impl std::error::Error for InvalidLogicalKey {}

impl LogicalKey {
    /// The whole key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its components, outermost first.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last component.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// Whether this key, read as a directory, contains `other`.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.strip_prefix(&*self.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The place of the entry below `directory`.
    ///
    /// Never outside of it. None if this system would read a component as something else than a name, such as a drive or,
    /// where `\` separates, a path.
    ///
    /// ```
    /// # use std::path::Path;
    /// let key: quilt_package::LogicalKey = "a/b.txt".parse()?;
    /// assert_eq!(key.below(Path::new("/data")).as_deref(), Some(Path::new("/data/a/b.txt")));
    /// # Ok::<_, quilt_package::InvalidLogicalKey>(())
    /// ```
    pub fn below(&self, directory: &Path) -> Option<PathBuf> {
        let mut path = directory.to_owned();
        for component in self.components() {
            let mut parts = Path::new(component).components();
            match (parts.next(), parts.next()) {
                (Some(Component::Normal(name)), None) if name == component && !component.contains('\0') => {
                    path.push(name);
                }
                _ => return None,
            }
        }
        Some(path)
    }
}

impl FromStr for LogicalKey {
    type Err = InvalidLogicalKey;

    fn from_str(text: &str) -> Result<Self, InvalidLogicalKey> {
        for component in text.split('/') {
            match component {
                "" => {
                    return Err(InvalidLogicalKey(
                        "it may not be empty, begin or end with `/`, or contain `//`",
                    ));
                }
                "." | ".." => return Err(InvalidLogicalKey("`.` and `..` may not stand between slashes")),
                _ => {}
            }
        }
        Ok(Self(text.into()))
    }
}

impl Ord for LogicalKey {
    fn cmp(&self, other: &Self) -> Ordering {
        // A component that ends is less than one that goes on, so the slash counts as less than any byte of a name.
        let rank = |byte: u8| if byte == b'/' { 0 } else { u16::from(byte) + 1 };
        self.0.bytes().map(rank).cmp(other.0.bytes().map(rank))
    }
}

impl PartialOrd for LogicalKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for LogicalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_leaves_the_directory_it_is_put_below() -> Result<(), InvalidLogicalKey> {
        let directory = Path::new("/data");
        for key in ["a", "a/b", "...", " ", "a\\..\\b", "C:\\x"] {
            if let Some(path) = key.parse::<LogicalKey>()?.below(directory) {
                assert!(path.starts_with(directory) && path != directory, "{}", path.display());
            }
        }
        assert_eq!("a\0b".parse::<LogicalKey>()?.below(directory), None);
        Ok(())
    }

    #[test]
    fn a_directory_contains_what_is_below_it() -> Result<(), InvalidLogicalKey> {
        let directory: LogicalKey = "a/b".parse()?;
        assert!(directory.contains(&"a/b/c".parse()?));
        assert!(!directory.contains(&"a/bc".parse()?) && !directory.contains(&directory));
        Ok(())
    }
}
