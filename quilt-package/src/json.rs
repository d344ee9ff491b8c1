//! JSON as Python keeps it: members in the order they were written, numbers with every digit.
//!
//! The top hash is made of JSON texts, so what a parser rounds or reorders changes the hash. `serde_json::Value` does both;
//! [`Json`] does neither. It has two spellings: [`Json::stored`], in which manifests are written, and
//! [`canonical`](crate::canonical), which is hashed.

mod number;
mod parse;
mod stored;

#[cfg(test)]
mod tests;

use indexmap::IndexMap;

pub use number::{InvalidNumber, Number};
pub use parse::{InvalidJson, MAX_DEPTH};
pub(crate) use parse::{members, parse_raw};
pub use stored::Stored;
pub(crate) use stored::{write_escape, write_object, write_string};
#[cfg(test)]
pub(crate) use tests::any_json;

/// The members of an object, in the order in which they were first given.
pub type Object = IndexMap<String, Json>;

/// One JSON value.
///
/// ```
/// use quilt_package::Json;
///
/// let value = Json::parse(r#"{"b": 18446744073709551616, "a": 1.50}"#)?;
/// assert_eq!(value.stored().to_string(), r#"{"b": 18446744073709551616, "a": 1.5}"#);
/// assert_eq!(value.canonical(), r#"{"a":1.5,"b":18446744073709551616}"#);
/// # Ok::<_, quilt_package::json::InvalidJson>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, spelled as Python spells it.
    Number(Number),
    /// Text.
    String(String),
    /// A list.
    Array(Vec<Json>),
    /// Members in order; equal whatever the order.
    Object(Object),
}

impl Json {
    /// Reads one value. Where an object names a member twice, the last one counts, as in Python.
    ///
    /// # Errors
    /// If `text` is no JSON, is nested deeper than [`MAX_DEPTH`], or has a number that Python could not write again.
    pub fn parse(text: &str) -> Result<Self, InvalidJson> {
        parse::parse(text)
    }

    /// The spelling of manifests; `Display` writes it: `{"key": [1, 2]}`, raw UTF-8, members in their order.
    pub fn stored(&self) -> Stored<'_> {
        Stored(self)
    }

    /// The spelling that is hashed; see [`canonical`](crate::canonical).
    pub fn canonical(&self) -> String {
        crate::canonical::text(self)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// About how many bytes of memory it takes, for those who hold many and have to stop somewhere.
    pub fn held(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Null | Self::Bool(_) => 0,
                Self::Number(number) => number.as_str().len(),
                Self::String(text) => text.len(),
                Self::Array(items) => items.iter().map(Self::held).sum(),
                Self::Object(members) => held(members),
            }
    }

    /// The value for readers that know `serde_json`. Integers beyond 64 bits become floating-point numbers there, and the
    /// order of members may be lost: show or validate the result, never store it.
    pub fn to_value(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(number) => number.to_value(),
            Self::String(text) => text.as_str().into(),
            Self::Array(items) => items.iter().map(Self::to_value).collect(),
            Self::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), value.to_value())).collect()
            }
        }
    }
}

/// About how many bytes of memory the members of an object take; see [`Json::held`].
pub(crate) fn held(members: &Object) -> usize {
    /// A name, its hash, and its place in the index.
    const MEMBER: usize = size_of::<String>() + 3 * size_of::<usize>();
    members.iter().map(|(name, value)| MEMBER + name.len() + value.held()).sum()
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.into()),
            serde_json::Value::String(text) => Self::String(text.clone()),
            serde_json::Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (name.clone(), value.into())).collect())
            }
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<Object> for Json {
    fn from(members: Object) -> Self {
        Self::Object(members)
    }
}
