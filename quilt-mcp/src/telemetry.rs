//! What operators see: logs, metrics, and spans.
//!
//! Every line that belongs to a call is written inside its span (see [`call_span`]) and carries the ids of request, scope
//! and trace, the tenant, and a hash in place of the user's name. What is logged of a request before it is known who asks
//! carries the ids (see [`request_span`]).

mod logs;
pub mod metrics;
mod redact;
mod scopes;
#[cfg(feature = "otel")]
pub mod traces;

pub use logs::{BoxedLayer, filter, init, init_beside, init_with};
pub use metrics::Metrics;

use std::fmt;

use tracing::Span;
use tracing::field::{Empty, display};

use crate::domain::principal::Principal;
use crate::domain::request::RequestId;
use crate::domain::trace::TraceContext;

/// The span of one HTTP request, before it is known who asks.
///
/// `method` and `route` must be from closed sets, not what the client wrote.
pub fn request_span(request: RequestId, method: &'static str, route: Option<&'static str>) -> Span {
    let blank = if route.is_some() { " " } else { "" };
    // Names with a dot are OpenTelemetry's: they are in spans that are sent to a collector, and not in the log.
    tracing::error_span!(
        target: "quilt_mcp",
        "request",
        request_id = %request,
        trace_id = request.trace().trace_id(),
        trespass = Empty,
        otel.kind = "server",
        otel.name = %format_args!("{method}{blank}{}", route.unwrap_or_default()),
        otel.context = %request.trace(),
        otel.parent = %Parent(request.parent()),
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        error.type = Empty,
    )
}

/// Says in the current span, which [`request_span`] made, how the request was answered.
pub fn answered_with(status: u16) {
    let span = Span::current();
    span.record("http.response.status_code", status);
    if status >= 500 {
        // A text in every span, whatever else it may say.
        span.record("error.type", display(status));
    }
}

/// Says in the current span, which [`request_span`] made, on what that is another's the request was an attempt: so the line
/// of its refusal says it.
pub fn trespassed_on(what: &'static str) {
    Span::current().record("trespass", what);
}

/// The span of one call. Everything logged within it carries what it names.
///
/// `tool` must be a name from the tool table, not what the client wrote.
pub fn call_span(request: RequestId, principal: &Principal, tool: &str) -> Span {
    // At ERROR, so that it is there however little is logged: a warning without its request id helps nobody.
    tracing::error_span!(
        target: "quilt_mcp",
        "call",
        request_id = %request,
        scope_id = request.trace().span_id(),
        trace_id = request.trace().trace_id(),
        tenant = principal.tenant(),
        user = principal.log_hash(),
        tool,
        otel.kind = "internal",
        otel.name = %format_args!("execute_tool {tool}"),
        otel.context = %request.trace(),
        otel.parent = %Parent(request.parent()),
        gen_ai.operation.name = "execute_tool",
        error.type = Empty,
    )
}

/// Says in the current span, which [`call_span`] made, that the call failed, and with which of a closed set of words.
pub fn failed_with(word: &'static str) {
    Span::current().record("error.type", word);
}

/// A `traceparent`, or nothing.
struct Parent(Option<TraceContext>);

impl fmt::Display for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |parent| parent.fmt(f))
    }
}
