//! The name of a package.

use std::fmt;
use std::str::FromStr;

/// `namespace/name`, of letters, digits, `-` and `_`.
///
/// Letters of any script are accepted, because quilt3 accepts them and such packages exist. A writer should ask
/// [`PackageName::is_portable`] first.
///
/// ```
/// use quilt_package::PackageName;
///
/// let name: PackageName = "genomics/run-7".parse()?;
/// assert_eq!((name.namespace(), name.short()), ("genomics", "run-7"));
/// assert!("genomics/run.7".parse::<PackageName>().is_err());
/// # Ok::<_, quilt_package::InvalidName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageName(String);

/// Why a text is no package name. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidName(&'static str);

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a package name: {}", self.0)
    }
}

impl std::error::Error for InvalidName {}

impl PackageName {
    /// Both parts, with the slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the slash.
    pub fn namespace(&self) -> &str {
        self.0.split_once('/').map_or("", |(namespace, _)| namespace)
    }

    /// What stands after the slash.
    pub fn short(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, short)| short)
    }

    /// Whether it is ASCII, as every tool that reads packages expects.
    pub fn is_portable(&self) -> bool {
        self.0.is_ascii()
    }
}

impl FromStr for PackageName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let (namespace, short) =
            text.split_once('/').ok_or(InvalidName("it has two parts, `namespace/name`"))?;
        if namespace.is_empty() || short.is_empty() {
            return Err(InvalidName("neither part of `namespace/name` may be empty"));
        }
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if short.contains('/') {
            return Err(InvalidName("it has one slash, `namespace/name`"));
        }
        if !namespace.chars().chain(short.chars()).all(word) {
            return Err(InvalidName("only letters, digits, `-` and `_` are allowed"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
