//! The log: one event, one line, on standard error. Standard output belongs to the protocol.
//!
//! Our own formatter rather than the stock one, for three promises: nothing in a value can end the line or drive a
//! terminal; secrets are cut out by name and by look; and fields of spans come only from our own crates, since others
//! put whole requests there.

mod line;

use std::fmt::{self, Write as _};
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Scope};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

use self::line::Line;
use super::redact::{REDACTED, redact, secret_name};
use crate::config::{ConfigError, LogConfig, LogFormat, Setting};

/// Crates that log requests, headers or bodies below WARN. They speak at WARN at most, unless the filter names them.
const TALKATIVE: [&str; 9] = ["rmcp", "hyper", "aws", "h2", "rustls", "tower", "reqwest", "s3s", "tracing"];
/// The longest text of one field, in bytes.
const MAX_TEXT: usize = 4 * 1024;

/// Starts logging, for the whole process. Panics are logged as events too, on one line like all others.
///
/// # Errors
///
/// The filter is malformed, or something logs already.
pub fn init(config: &LogConfig) -> Result<(), ConfigError> {
    init_beside(config, None)
}

/// As [`init`], into another `writer`, which gets each line in one piece.
///
/// # Errors
///
/// As [`init`].
pub fn init_with(
    config: &LogConfig,
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
) -> Result<(), ConfigError> {
    begin(config, writer, None)
}

/// What else hears of spans and events. What it does not want it has to leave out itself: the log's filter is the log's.
pub type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// As [`init`], with something else that hears of spans.
///
/// # Errors
///
/// As [`init`].
pub fn init_beside(config: &LogConfig, other: Option<BoxedLayer>) -> Result<(), ConfigError> {
    begin(config, std::io::stderr, other)
}

fn begin(
    config: &LogConfig,
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
    other: Option<BoxedLayer>,
) -> Result<(), ConfigError> {
    let form = match config.format {
        LogFormat::Auto if std::io::stderr().is_terminal() => Form::Human,
        LogFormat::Human => Form::Human,
        LogFormat::Auto | LogFormat::Json => Form::Json,
    };
    Registry::default()
        .with(other)
        .with(LineLayer { form, writer }.with_filter(filter(&config.filter)?))
        .try_init()
        .map_err(|_| ConfigError::new("logging has been started already"))?;
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let reason = panic.payload_as_str().unwrap_or_default();
        tracing::error!(target: "quilt_mcp", location, reason, "panicked");
    }));
    Ok(())
}

/// The filter that `directives` mean: theirs, and a cap for crates that would log what callers send.
///
/// # Errors
///
/// `directives` are malformed.
pub fn filter(directives: &str) -> Result<EnvFilter, ConfigError> {
    if let Some(named) = directives.split(',').find(|part| shows_what_callers_send(part)) {
        return Err(ConfigError::new(format!(
            "{} has {:?}, and that crate would log what callers send: arguments, contents, tokens; leave it out, or \
             set it to warn",
            Setting::Log.variable(),
            named.trim(),
        )));
    }
    // A level without a target holds for all crates, and must not make the talkative ones say more than it allows.
    let general =
        directives.split(',').filter_map(|part| part.trim().parse::<LevelFilter>().ok()).next_back();
    let cap = general.map_or(LevelFilter::WARN, |level| level.min(LevelFilter::WARN));
    let mut all = String::from("info");
    for target in TALKATIVE {
        let _ = write!(all, ",{target}={cap}");
    }
    // Theirs come last: of two for one target the later counts.
    let _ = write!(all, ",{directives}");
    EnvFilter::builder().parse(all).map_err(|error| {
        ConfigError::new(format!(
            "{} is {directives:?}, which is no filter ({error}): write a level such as info, or targets with levels such \
             as info,quilt_mcp=debug",
            Setting::Log.variable()
        ))
    })
}

/// Whether a directive raises one of the talkative crates above warnings.
fn shows_what_callers_send(directive: &str) -> bool {
    let (target, level) = match directive.trim().split_once('=') {
        Some((target, level)) => (target, level.trim().parse().unwrap_or(LevelFilter::TRACE)),
        // A target alone means all of it; a level alone is no target.
        None if directive.trim().parse::<LevelFilter>().is_ok() => return false,
        None => (directive.trim(), LevelFilter::TRACE),
    };
    // `[span]` and `{field}` narrow a target, they do not name another.
    let target = target.split(['[', '{']).next().unwrap_or(target).trim();
    let names = |crate_name: &str| target.starts_with(crate_name) || target.is_empty();
    level > LevelFilter::WARN && TALKATIVE.into_iter().any(names)
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Json,
    Human,
}

/// Writes each event as one line.
struct LineLayer<W> {
    form: Form,
    writer: W,
}

/// The fields of a span, kept with it. Shared, since each event within the span shows them.
struct SpanFields(Arc<Vec<(&'static str, Value)>>);

impl<S, W> Layer<S> for LineLayer<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if ours(attributes.metadata())
            && let Some(span) = context.span(id)
        {
            let mut fields = Fields::of_a_span();
            attributes.record(&mut fields);
            span.extensions_mut().insert(SpanFields(Arc::new(fields.found)));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(SpanFields(kept)) = span.extensions_mut().get_mut()
        {
            let mut fields = Fields::of_a_span();
            values.record(&mut fields);
            if fields.found.is_empty() {
                return;
            }
            let kept = Arc::make_mut(kept);
            for (name, value) in fields.found {
                kept.retain(|(earlier, _)| *earlier != name);
                kept.push((name, value));
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if is_about_a_client_gone(event.metadata()) {
            return;
        }
        let spans = context.event_scope(event).into_iter().flat_map(Scope::from_root);
        let of_spans: Vec<_> = spans
            .filter_map(|span| span.extensions().get().map(|SpanFields(fields)| Arc::clone(fields)))
            .collect();
        let mut of_event = Fields::of_an_event();
        event.record(&mut of_event);
        let line = Line::new(event.metadata(), &of_spans, &of_event.found);
        if of_spans.is_empty() && line.repeats_a_refusal() {
            return;
        }
        let mut text = match self.form {
            Form::Json => line.json(),
            Form::Human => line.human(),
        };
        text.push('\n');
        // One write, so that lines of several threads do not mix. There is nobody to tell that logging fails.
        let _ = self.writer.make_writer_for(event.metadata()).write_all(text.as_bytes());
    }
}

/// rmcp calls it an error when nobody takes an answer any more, because the client went away or cancelled. That is no
/// fault of the server's, and the call's own line says `cancelled`.
fn is_about_a_client_gone(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "rmcp::service" && *metadata.level() == Level::ERROR
}

fn ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("quilt_")
}

/// Collects fields, without what must not be shown.
struct Fields {
    found: Vec<(&'static str, Value)>,
    with_dots: bool,
}

impl Fields {
    fn of_an_event() -> Self {
        Self { found: Vec::new(), with_dots: true }
    }

    /// What a span says for a collector only has OpenTelemetry's names, which have a dot: no line shows it.
    fn of_a_span() -> Self {
        Self { found: Vec::new(), with_dots: false }
    }

    fn want(&self, field: &Field) -> bool {
        self.with_dots || !field.name().contains('.')
    }

    fn put(&mut self, field: &Field, value: Value) {
        if !self.want(field) {
            return;
        }
        let name = field.name();
        let value = if secret_name(name) { Value::from(REDACTED) } else { value };
        self.found.push((name, value));
    }

    fn put_text(&mut self, field: &Field, text: &str) {
        if !self.want(field) {
            return;
        }
        let clean = redact(text);
        let value = if clean.len() <= MAX_TEXT {
            clean.into_owned()
        } else {
            format!("{}[cut]", &clean[..clean.floor_char_boundary(MAX_TEXT)])
        };
        self.put(field, Value::from(value));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Asked first, since most of what is not wanted comes here and would be formatted for nothing.
        if self.want(field) {
            self.put_text(field, &format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_text(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put_text(field, &value.to_string());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::from(value));
    }
}

#[cfg(test)]
mod tests;
