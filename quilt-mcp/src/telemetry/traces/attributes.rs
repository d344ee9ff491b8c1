//! What a span may say outside this process: a closed list, under OpenTelemetry's names where it has one.

use std::fmt;

use opentelemetry::trace::SpanKind;
use opentelemetry::{Key, KeyValue, Value};
use tracing::field::{Field, Visit};

use crate::domain::trace::TraceContext;
use crate::telemetry::redact::redact;

/// `server`, `client` or `internal`. Makes a span of `tracing` one of OpenTelemetry.
pub(super) const KIND: &str = "otel.kind";
/// What the span is called, where that is not always the same.
const NAME: &str = "otel.name";
/// The span itself, as a `traceparent`, where that is decided elsewhere.
const CONTEXT: &str = "otel.context";
/// The span that it is part of, as a `traceparent`; empty if it is the first of its trace.
const PARENT: &str = "otel.parent";
/// What makes a span one that failed.
const ERROR: &str = "error.type";

/// Each field that is sent, and the name it is sent under.
const SENT: [(&str, &str); 13] = [
    ("request_id", "quilt.request_id"),
    ("tenant", "quilt.tenant"),
    ("user", "enduser.pseudo.id"),
    ("tool", "gen_ai.tool.name"),
    ("gen_ai.operation.name", "gen_ai.operation.name"),
    ("http.request.method", "http.request.method"),
    ("http.route", "http.route"),
    ("http.response.status_code", "http.response.status_code"),
    ("rpc.system", "rpc.system"),
    ("rpc.service", "rpc.service"),
    ("rpc.method", "rpc.method"),
    ("aws.request_id", "aws.request_id"),
    (ERROR, ERROR),
];
/// The longest text that is sent, in bytes.
const MAX_TEXT: usize = 256;

/// What a span has said so far.
#[derive(Default)]
pub(super) struct Said {
    pub(super) kind: Option<SpanKind>,
    pub(super) name: Option<String>,
    pub(super) context: Option<TraceContext>,
    pub(super) parent: Option<TraceContext>,
    pub(super) failed: bool,
    pub(super) attributes: Vec<KeyValue>,
}

impl Said {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        let Some((_, name)) = SENT.iter().find(|(field_name, _)| *field_name == field.name()) else { return };
        let value = value.into();
        let key = Key::from_static_str(name);
        self.attributes.retain(|earlier| earlier.key != key);
        self.attributes.push(KeyValue::new(key, value));
        self.failed |= field.name() == ERROR;
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            KIND => self.kind = Some(kind(value)),
            NAME => self.name = Some(short(value)),
            CONTEXT => self.context = TraceContext::parse(value),
            PARENT => self.parent = TraceContext::parse(value),
            _ => self.put(field, short(value)),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}

fn kind(word: &str) -> SpanKind {
    match word {
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        _ => SpanKind::Internal,
    }
}

fn short(text: &str) -> String {
    let clean = redact(text);
    clean[..clean.floor_char_boundary(MAX_TEXT)].to_owned()
}
