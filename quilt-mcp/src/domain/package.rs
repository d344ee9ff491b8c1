//! The name of a package.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A package name that every Quilt client accepts: `namespace/name`, of letters, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PackageName(String);

impl PackageName {
    /// `namespace/name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the slash: a team or a person.
    pub fn namespace(&self) -> &str {
        self.parts().0
    }

    /// What stands after the slash.
    pub fn name(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('/').unwrap_or((&self.0, ""))
    }
}

/// Why a text is no package name. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPackageName;

impl fmt::Display for InvalidPackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a package name: it must be `namespace/name`, of letters, digits, `_` and `-`")
    }
}

impl std::error::Error for InvalidPackageName {}

impl FromStr for PackageName {
    type Err = InvalidPackageName;

    fn from_str(text: &str) -> Result<Self, InvalidPackageName> {
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        };
        match text.split_once('/') {
            Some((namespace, name)) if plain(namespace) && plain(name) => Ok(Self(text.to_owned())),
            _ => Err(InvalidPackageName),
        }
    }
}

impl TryFrom<String> for PackageName {
    type Error = InvalidPackageName;

    fn try_from(text: String) -> Result<Self, InvalidPackageName> {
        text.parse()
    }
}

impl From<PackageName> for String {
    fn from(name: PackageName) -> Self {
        name.0
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
            "pattern": "^[A-Za-z0-9_-]+/[A-Za-z0-9_-]+$",
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
    fn a_name_has_two_plain_parts() {
        let name: PackageName = "team-1/rna_seq".parse().expect("a name");
        assert_eq!((name.namespace(), name.name()), ("team-1", "rna_seq"));
        for text in ["", "a", "a/", "/b", "a/b/c", "a b/c", "a.b/c", "é/b", "a/b\n"] {
            assert!(text.parse::<PackageName>().is_err(), "{text:?} was accepted");
        }
    }
}
