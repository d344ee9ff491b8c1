//! Packages: what they are called, and which revision of one is meant.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use quilt_package::{HashPrefix, InvalidName, TopHash};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// `namespace/name`: see [`quilt_package::PackageName`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PackageName(quilt_package::PackageName);

impl PackageName {
    /// `namespace/name`.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What stands before the slash: a team or a person.
    pub fn namespace(&self) -> &str {
        self.0.namespace()
    }

    /// What stands after the slash.
    pub fn name(&self) -> &str {
        self.0.short()
    }

    /// As the package format has it.
    pub fn in_format(&self) -> &quilt_package::PackageName {
        &self.0
    }
}

impl From<quilt_package::PackageName> for PackageName {
    fn from(name: quilt_package::PackageName) -> Self {
        Self(name)
    }
}

impl FromStr for PackageName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        text.parse().map(Self)
    }
}

impl TryFrom<String> for PackageName {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<PackageName> for String {
    fn from(name: PackageName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JsonSchema for PackageName {
    fn schema_name() -> Cow<'static, str> {
        "PackageName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Package name, `namespace/name`",
            "pattern": "^[^/\\s]+/[^/\\s]+$",
        })
    }

    fn inline_schema() -> bool {
        true
    }
}

/// Which revision of a package: the current one, or one by its top hash or the beginning of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RevisionRef {
    /// `latest`, or nothing.
    #[default]
    Latest,
    /// 6 to 64 hexadecimal digits.
    Hash(HashPrefix),
}

/// Why a text names no revision. `Display` says what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRevision;

impl fmt::Display for InvalidRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a revision is `latest`, or a top hash: 64 hexadecimal digits, or the first 6 or more of them",
        )
    }
}

impl std::error::Error for InvalidRevision {}

impl TryFrom<String> for RevisionRef {
    type Error = InvalidRevision;

    fn try_from(text: String) -> Result<Self, InvalidRevision> {
        match text.as_str() {
            "" | "latest" => Ok(Self::Latest),
            hash => hash.to_ascii_lowercase().parse().map(Self::Hash).map_err(|_| InvalidRevision),
        }
    }
}

impl From<RevisionRef> for String {
    fn from(revision: RevisionRef) -> Self {
        match revision {
            RevisionRef::Latest => "latest".to_owned(),
            RevisionRef::Hash(hash) => hash.as_str().to_owned(),
        }
    }
}

impl From<TopHash> for RevisionRef {
    fn from(hash: TopHash) -> Self {
        Self::Hash(hash.into())
    }
}

impl JsonSchema for RevisionRef {
    fn schema_name() -> Cow<'static, str> {
        "RevisionRef".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "`latest`, or a top hash, or its first 6 or more digits",
            "pattern": "^(latest|[0-9a-fA-F]{6,64})?$",
        })
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_plain_parts() -> Result<(), InvalidName> {
        let name: PackageName = "team-1/rna_seq".parse()?;
        assert_eq!((name.namespace(), name.name()), ("team-1", "rna_seq"));
        for text in ["", "a", "a/", "/b", "a/b/c", "a b/c", "a.b/c", "a/b\n"] {
            assert!(text.parse::<PackageName>().is_err(), "{text:?} was accepted");
        }
        Ok(())
    }

    #[test]
    fn a_revision_is_latest_or_a_hash() -> Result<(), InvalidRevision> {
        for text in ["", "latest"] {
            assert_eq!(RevisionRef::try_from(text.to_owned())?, RevisionRef::Latest);
        }
        let upper = RevisionRef::try_from("ABCDEF".to_owned())?;
        assert_eq!(String::from(upper), "abcdef");
        for text in ["abcde", "newest", "../../x", &"a".repeat(65)] {
            assert!(RevisionRef::try_from(text.to_owned()).is_err(), "{text}");
        }
        Ok(())
    }
}
