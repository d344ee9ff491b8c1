//! What somebody typed into a search.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The longest text, in characters.
const MOST_CHARACTERS: usize = 1_000;
/// The most words: each becomes a clause of the query.
const MOST_WORDS: usize = 32;
/// The most `*` and `?`: each makes the index look through all its words.
const MOST_WILDCARDS: usize = 8;

/// A search as it was typed: not empty, and small enough for the index to answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SearchText(String);

impl SearchText {
    /// The text, without white space around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text cannot be searched for. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSearchText(String);

impl fmt::Display for InvalidSearchText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot be searched for: {}", self.0)
    }
}

impl std::error::Error for InvalidSearchText {}

impl TryFrom<String> for SearchText {
    type Error = InvalidSearchText;

    fn try_from(text: String) -> Result<Self, InvalidSearchText> {
        let refuse = |why: String| Err(InvalidSearchText(why));
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return refuse("give at least one word, or `*` for everything".into());
        }
        if trimmed.chars().count() > MOST_CHARACTERS {
            return refuse(format!("it may have at most {MOST_CHARACTERS} characters"));
        }
        if trimmed.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return refuse("it may not hold control characters".into());
        }
        if trimmed.split_whitespace().count() > MOST_WORDS {
            return refuse(format!("it may have at most {MOST_WORDS} words"));
        }
        if trimmed.matches(['*', '?']).count() > MOST_WILDCARDS {
            return refuse(format!("it may have at most {MOST_WILDCARDS} wildcards (`*` and `?`)"));
        }
        Ok(Self(trimmed.to_owned()))
    }
}

impl From<SearchText> for String {
    fn from(text: SearchText) -> Self {
        text.0
    }
}

impl JsonSchema for SearchText {
    fn schema_name() -> Cow<'static, str> {
        "SearchText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "What to search for",
            "minLength": 1,
            "maxLength": MOST_CHARACTERS,
        })
    }

    fn inline_schema() -> bool {
        true
    }
}
