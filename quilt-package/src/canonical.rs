//! The spelling that is hashed: Python's `JSONEncoder(sort_keys=True, separators=(",", ":"))`.
//!
//! Members sorted by code point at every level, no spaces, and ASCII only: every other character is `\uXXXX`, above U+FFFF as
//! a surrogate pair. Two manifests that say the same have the same canonical form however they are spelled.

use std::fmt::{self, Write};

use crate::json::{Json, Object, write_escape};

/// The canonical text of `value`.
pub fn text(value: &Json) -> String {
    let mut out = String::new();
    write_value(&mut out, value).expect("writing into a String cannot fail");
    out
}

pub(crate) fn write_value(out: &mut impl Write, value: &Json) -> fmt::Result {
    match value {
        Json::Null => out.write_str("null"),
        Json::Bool(true) => out.write_str("true"),
        Json::Bool(false) => out.write_str("false"),
        Json::Number(number) => out.write_str(number.as_str()),
        Json::String(text) => write_string(out, text),
        Json::Array(items) => {
            out.write_char('[')?;
            for (at, item) in items.iter().enumerate() {
                out.write_str(if at == 0 { "" } else { "," })?;
                write_value(out, item)?;
            }
            out.write_char(']')
        }
        Json::Object(members) => write_object(out, members),
    }
}

pub(crate) fn write_object(out: &mut impl Write, members: &Object) -> fmt::Result {
    let mut sorted: Vec<(&String, &Json)> = members.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    out.write_char('{')?;
    for (at, (name, value)) in sorted.into_iter().enumerate() {
        out.write_str(if at == 0 { "" } else { "," })?;
        write_string(out, name)?;
        out.write_char(':')?;
        write_value(out, value)?;
    }
    out.write_char('}')
}

pub(crate) fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut rest = text;
    // Nearly every text is plain from its beginning to its end.
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        out.write_str(&rest[..at])?;
        let mut characters = rest[at..].chars();
        match characters.next() {
            Some(character @ ('"' | '\\' | '\0'..='\x1f')) => write_escape(out, character as u8)?,
            Some(other) => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            None => {}
        }
        rest = characters.as_str();
    }
    out.write_str(rest)?;
    out.write_char('"')
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}
