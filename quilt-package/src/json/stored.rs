//! The spelling of manifests: Python's `JSONEncoder(ensure_ascii=False)`.

use std::fmt::{self, Write};

use super::{Json, Object};

/// Writes a value as manifests have it. Made by [`Json::stored`].
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a>(pub(super) &'a Json);

impl fmt::Display for Stored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(f, self.0)
    }
}

fn write_value(out: &mut impl Write, value: &Json) -> fmt::Result {
    match value {
        Json::Null => out.write_str("null"),
        Json::Bool(true) => out.write_str("true"),
        Json::Bool(false) => out.write_str("false"),
        Json::Number(number) => out.write_str(number.as_str()),
        Json::String(text) => write_string(out, text),
        Json::Array(items) => {
            out.write_char('[')?;
            for (at, item) in items.iter().enumerate() {
                out.write_str(if at == 0 { "" } else { ", " })?;
                write_value(out, item)?;
            }
            out.write_char(']')
        }
        Json::Object(members) => write_object(out, members),
    }
}

pub(crate) fn write_object(out: &mut impl Write, members: &Object) -> fmt::Result {
    out.write_char('{')?;
    for (at, (name, value)) in members.iter().enumerate() {
        out.write_str(if at == 0 { "" } else { ", " })?;
        write_string(out, name)?;
        out.write_str(": ")?;
        write_value(out, value)?;
    }
    out.write_char('}')
}

pub(crate) fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut plain_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.write_str(&text[plain_from..at])?;
        plain_from = at + 1;
        write_escape(out, byte)?;
    }
    out.write_str(&text[plain_from..])?;
    out.write_char('"')
}

/// The escape of an ASCII character that has to have one, short where there is a short form.
pub(crate) fn write_escape(out: &mut impl Write, byte: u8) -> fmt::Result {
    match byte {
        b'"' => out.write_str("\\\""),
        b'\\' => out.write_str("\\\\"),
        b'\n' => out.write_str("\\n"),
        b'\r' => out.write_str("\\r"),
        b'\t' => out.write_str("\\t"),
        0x08 => out.write_str("\\b"),
        0x0c => out.write_str("\\f"),
        other => write!(out, "\\u{other:04x}"),
    }
}
