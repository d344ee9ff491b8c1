//! Names at Athena, and where a query can be.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

mod pattern;

pub use pattern::TablePattern;

/// The data catalog that every account has: Glue's.
pub const AWS_DATA_CATALOG: &str = "AwsDataCatalog";

/// A name at Athena: text within a length, of characters that are allowed there. It is sent as it is, never put into SQL.
macro_rules! names {
    ($($(#[doc = $doc:literal])* $name:ident, $what:literal, $most:literal, $allowed:expr, $only:literal;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(name: String) -> Result<Self, InvalidName> {
                let allowed: fn(char) -> bool = $allowed;
                if name.is_empty() || name.chars().count() > $most || !name.chars().all(allowed) {
                    return Err(InvalidName { what: $what, most: $most, only: $only });
                }
                Ok(Self(name))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "minLength": 1, "maxLength": $most})
            }

            fn inline_schema() -> bool {
                true
            }
        }
    )*};
}

names! {
    /// The name of a workgroup.
    WorkgroupName, "workgroup", 128,
        |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'), "letters, digits, `.`, `_` and `-`";
    /// The name of a data catalog.
    DataCatalogName, "data catalog", 256, |c| !c.is_control(), "no control characters";
    /// The name of a database.
    DatabaseName, "database", 128, |c| !c.is_control(), "no control characters";
    /// The name of a table.
    TableName, "table", 128, |c| !c.is_control(), "no control characters";
    /// What Athena calls an execution of a query.
    QueryId, "query execution", 128,
        |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'), "letters, digits, `_` and `-`";
}

impl DataCatalogName {
    /// The catalog that every account has.
    pub fn of_aws() -> Self {
        Self(AWS_DATA_CATALOG.to_owned())
    }
}

/// Why a text is no such name. `Display` says what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidName {
    what: &'static str,
    most: usize,
    only: &'static str,
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not the name of a {}: it has 1 to {} characters, {}", self.what, self.most, self.only)
    }
}

impl std::error::Error for InvalidName {}

/// Where a query is, in Athena's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub enum QueryState {
    /// It waits for its turn.
    Queued,
    /// It runs.
    Running,
    /// It has ended, and there is a result.
    Succeeded,
    /// It has ended without one.
    Failed,
    /// It was stopped.
    Cancelled,
}

impl QueryState {
    /// Whether it has ended, one way or another.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_held_to_its_length_and_its_characters() {
        let workgroup = |name: &str| WorkgroupName::try_from(name.to_owned()).is_ok();
        assert!(workgroup("quilt-analysts_1.x") && workgroup(&"a".repeat(128)));
        assert!(!workgroup("") && !workgroup("a b") && !workgroup("a;b") && !workgroup(&"a".repeat(129)));
        let database = |name: &str| DatabaseName::try_from(name.to_owned());
        assert!(database("my db").is_ok());
        let why = database("a\nb").expect_err("refused").to_string();
        assert_eq!(why, "not the name of a database: it has 1 to 128 characters, no control characters");
    }
}
