//! One event as one line.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::ser::{SerializeMap as _, Serializer as _};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::{Level, Metadata};

/// Names that the line itself has.
const RESERVED: [&str; 4] = ["timestamp", "level", "target", "message"];

/// One event, its fields in the order in which they are shown.
pub(super) struct Line<'a> {
    level: Level,
    target: &'a str,
    message: &'a str,
    fields: Vec<(Cow<'static, str>, &'a Value)>,
}

impl<'a> Line<'a> {
    /// `of_spans` from the outermost to the innermost, which counts where both name a field.
    pub(super) fn new(
        metadata: &'a Metadata<'_>,
        of_spans: &'a [Arc<Vec<(&'static str, Value)>>],
        of_event: &'a [(&'static str, Value)],
    ) -> Self {
        let mut message = "";
        let mut fields: Vec<(Cow<'static, str>, &Value)> = Vec::with_capacity(16);
        for (at, span) in of_spans.iter().enumerate() {
            let within = &of_spans[at + 1..];
            let said_within = |name| within.iter().any(|span| span.iter().any(|(inner, _)| *inner == name));
            let own = span.iter().filter(|(name, _)| !said_within(*name));
            fields.extend(own.map(|(name, value)| (Cow::Borrowed(*name), value)));
        }
        for (name, value) in of_event {
            match value {
                Value::String(text) if *name == "message" => message = text,
                // What an event says does not take the place of what the line or its span says.
                value if RESERVED.contains(name) || fields.iter().any(|(taken, _)| taken == name) => {
                    fields.push((format!("event.{name}").into(), value));
                }
                value => fields.push((Cow::Borrowed(*name), value)),
            }
        }
        Self { level: *metadata.level(), target: metadata.target(), message, fields }
    }

    /// rmcp repeats what it answers when a message is refused, with what the caller sent, and cannot say which request that
    /// was. Whoever sent it has been told, with the request's id.
    pub(super) fn repeats_a_refusal(&self) -> bool {
        self.target == "rmcp::service" && self.message == "response error"
    }

    pub(super) fn json(&self) -> String {
        let mut bytes = Vec::with_capacity(512);
        let written = (|| {
            let mut json = serde_json::Serializer::new(&mut bytes);
            let mut map = json.serialize_map(None)?;
            map.serialize_entry("timestamp", &now())?;
            map.serialize_entry("level", self.level.as_str())?;
            map.serialize_entry("target", self.target)?;
            map.serialize_entry("message", self.message)?;
            for (name, value) in &self.fields {
                map.serialize_entry(name, value)?;
            }
            map.end()
        })();
        match (written, String::from_utf8(bytes)) {
            (Ok(()), Ok(text)) => escape(text, |c| format!("\\u{:04x}", u32::from(c))),
            _ => r#"{"level":"ERROR","message":"a log line could not be written"}"#.to_owned(),
        }
    }

    pub(super) fn human(&self) -> String {
        let mut text = format!("{} {:>5} {}: {}", now(), self.level.as_str(), self.target, self.message);
        for (name, value) in &self.fields {
            let _ = match value {
                Value::String(value) if plain(value) => write!(text, " {name}={value}"),
                value => write!(text, " {name}={value}"),
            };
        }
        escape(text, |c| c.escape_unicode().to_string())
    }
}

fn plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_.:/@+,".contains(c))
}

fn now() -> String {
    let now = OffsetDateTime::now_utc();
    let now = now.replace_nanosecond(now.microsecond() * 1_000).unwrap_or(now);
    now.format(&Rfc3339).unwrap_or_default()
}

/// Replaces what could end a line, drive a terminal, or turn text around. (JSON itself escapes only the first 32.)
fn escape(text: String, by: impl Fn(char) -> String) -> String {
    let active = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    // Nearly every line is printable ASCII, which is seen sooner byte by byte.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.contains(active) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if active(c) { escaped.push_str(&by(c)) } else { escaped.push(c) }
    }
    escaped
}
