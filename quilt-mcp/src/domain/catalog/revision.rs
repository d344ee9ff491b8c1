//! How a Quilt+ URI says which revision of a package is meant, as an argument.

use std::borrow::Cow;
use std::fmt;

use quilt_package::registry::Pointer;
use quilt_package::{HashPrefix, Revision};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Why a text names no revision. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRevision(&'static str);

impl fmt::Display for InvalidRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidRevision {}

macro_rules! argument {
    ($(#[$doc:meta])* $name:ident($of:ty), $parse:expr, $why:literal, $pattern:literal, $about:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name($of);

        impl TryFrom<String> for $name {
            type Error = InvalidRevision;

            fn try_from(text: String) -> Result<Self, InvalidRevision> {
                let parse: fn(&str) -> Option<$of> = $parse;
                parse(&text).map(Self).ok_or(InvalidRevision($why))
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.to_string()
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $about, "pattern": $pattern })
            }

            fn inline_schema() -> bool {
                true
            }
        }
    };
}

argument! {
    /// The hash of a revision, or at least its first 6 digits: lower-case hexadecimal.
    TopHash(HashPrefix),
    |text| text.parse().ok(),
    "a top hash has 6 to 64 digits of lower-case hexadecimal",
    "^[0-9a-f]{6,64}$",
    "Hash of a revision, or its first 6 digits or more"
}

argument! {
    /// What points to a revision: `latest`, or the time it was made, in seconds of the Unix epoch.
    Tag(Pointer),
    Pointer::parse,
    "a tag is `latest` or a time in seconds, of ten digits",
    "^(latest|[0-9]{10})$",
    "`latest`, or the time of a revision in seconds"
}

impl From<TopHash> for Revision {
    fn from(hash: TopHash) -> Self {
        Self::Hash(hash.0)
    }
}

impl From<Tag> for Revision {
    fn from(tag: Tag) -> Self {
        Self::Tag(tag.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_and_tags_are_checked() {
        for hash in ["12345", "ABCDEF", "0123abcg", &"a".repeat(65)] {
            assert!(TopHash::try_from(hash.to_owned()).is_err(), "{hash}");
        }
        for tag in ["", "newest", "a b", "170000000", "17000000000"] {
            assert!(Tag::try_from(tag.to_owned()).is_err(), "{tag}");
        }
        for tag in ["latest", "1700000000"] {
            assert_eq!(Tag::try_from(tag.to_owned()).map(String::from).as_deref(), Ok(tag));
        }
    }
}
