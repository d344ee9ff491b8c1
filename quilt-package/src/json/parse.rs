//! Reading JSON without losing digits or order.
//!
//! `serde_json` finds where each value begins and ends; the text of a value is then read for what it is. The feature that
//! keeps digits in `serde_json` itself changes how every crate of a program reads numbers, so it is not used.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{InvalidNumber, Json, Number, Object};

/// Objects and lists may stand in each other this deep.
pub const MAX_DEPTH: usize = 100;

/// Why a text is no JSON that a manifest can hold. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidJson {
    /// Not JSON, in the words of the parser.
    Syntax(String),
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// A number that Python could not write again.
    Number(InvalidNumber),
}

impl fmt::Display for InvalidJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(what) => write!(f, "not JSON: {what}"),
            Self::TooDeep => write!(f, "nested deeper than {MAX_DEPTH}; store what is inside as text"),
            Self::Number(what) => what.fmt(f),
        }
    }
}

impl std::error::Error for InvalidJson {}

impl From<serde_json::Error> for InvalidJson {
    fn from(error: serde_json::Error) -> Self {
        Self::Syntax(error.to_string())
    }
}

impl From<InvalidNumber> for InvalidJson {
    fn from(what: InvalidNumber) -> Self {
        Self::Number(what)
    }
}

pub(super) fn parse(text: &str) -> Result<Json, InvalidJson> {
    value(serde_json::from_str::<&RawValue>(text)?, 0)
}

/// What has been found to be JSON already.
pub(crate) fn parse_raw(raw: &RawValue) -> Result<Json, InvalidJson> {
    value(raw, 0)
}

fn value(raw: &RawValue, depth: usize) -> Result<Json, InvalidJson> {
    let text = raw.get();
    if depth > MAX_DEPTH {
        return Err(InvalidJson::TooDeep);
    }
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let read = |(name, raw): (Cow<'_, str>, _)| Ok((name.into_owned(), value(raw, depth + 1)?));
            Json::Object(members(text)?.into_iter().map(read).collect::<Result<Object, InvalidJson>>()?)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            Json::Array(items.into_iter().map(|raw| value(raw, depth + 1)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Json::String(serde_json::from_str(text)?),
        Some(b't') => Json::Bool(true),
        Some(b'f') => Json::Bool(false),
        Some(b'n') => Json::Null,
        _ => Json::Number(Number::parse(text)?),
    })
}

/// The members of an object, in order and with all that come twice, their values unread.
pub(crate) fn members(text: &str) -> Result<Vec<(Cow<'_, str>, &RawValue)>, InvalidJson> {
    let Members(members) = serde_json::from_str(text)?;
    Ok(members)
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
