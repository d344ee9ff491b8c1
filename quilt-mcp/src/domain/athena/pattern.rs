//! Which tables are meant.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A pattern for names of tables, as `SHOW TABLES` takes it: `*` stands for any characters, `|` between alternatives.
/// Upper and lower case are one, as everywhere at Athena.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TablePattern(String);

/// The longest pattern, in bytes.
const MOST: usize = 256;

impl TablePattern {
    /// Whether `name` is meant.
    pub fn matches(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.0.split('|').any(|alternative| matches(&alternative.to_ascii_lowercase(), &name))
    }

    /// The same as a regular expression, for Athena.
    pub fn as_regex(&self) -> String {
        // What else is allowed in a pattern means itself there.
        self.0.replace('$', "\\$").replace('*', ".*")
    }
}

/// `*` in `pattern` stands for any characters of `name`.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let Some((middle, last)) = rest.rsplit_once('*') else { return name.ends_with(rest) };
    // The earliest place for each part leaves the most room for those behind it.
    for part in middle.split('*') {
        let Some(at) = name.find(part) else { return false };
        name = &name[at + part.len()..];
    }
    name.ends_with(last)
}

impl TryFrom<String> for TablePattern {
    type Error = InvalidPattern;

    fn try_from(text: String) -> Result<Self, InvalidPattern> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | '*' | '|');
        if text.is_empty() || text.len() > MOST || !text.chars().all(allowed) {
            return Err(InvalidPattern);
        }
        Ok(Self(text))
    }
}

impl From<TablePattern> for String {
    fn from(pattern: TablePattern) -> Self {
        pattern.0
    }
}

impl JsonSchema for TablePattern {
    fn schema_name() -> Cow<'static, str> {
        "TablePattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Za-z0-9_$*|-]+$", "maxLength": MOST})
    }

    fn inline_schema() -> bool {
        true
    }
}

/// Why a text is no pattern. `Display` says what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPattern;

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not a pattern for tables: up to {MOST} letters, digits, `_`, `-` and `$`, with `*` for any characters and \
             `|` between alternatives"
        )
    }
}

impl std::error::Error for InvalidPattern {}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> TablePattern {
        TablePattern::try_from(text.to_owned()).expect("a pattern")
    }

    #[test]
    fn a_star_stands_for_anything_and_a_bar_for_either() {
        for (text, name, expected) in [
            ("notes", "notes", true),
            ("notes", "notes2", false),
            ("NOTES", "notes", true),
            ("no*", "notes", true),
            ("*es", "notes", true),
            ("*o*e*", "notes", true),
            ("n*s*s", "notes", false),
            ("n*t*s", "notes", true),
            ("a*|n*", "notes", true),
            ("a*|b*", "notes", false),
            ("*", "", true),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(pattern(text).matches(name), expected, "{text} {name}");
        }
    }

    #[test]
    fn nothing_but_names_and_wildcards_is_a_pattern() {
        for text in ["", "a'b", "a;b", "a b", "a.b", "(a)", "a\\b", "é"] {
            assert_eq!(TablePattern::try_from(text.to_owned()), Err(InvalidPattern), "{text}");
        }
        assert_eq!(pattern("a*|b$").as_regex(), "a.*|b\\$");
    }
}
