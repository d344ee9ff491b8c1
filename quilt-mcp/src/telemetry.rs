//! What operators see: logs and metrics.
//!
//! Every line that belongs to a call is written inside its span (see [`call_span`]) and carries the ids of request, scope
//! and trace, the tenant, and a hash in place of the user's name. What is logged of a request before it is known who asks
//! carries the ids (see [`request_span`]).

mod logs;
pub mod metrics;
mod redact;
mod scopes;

pub use logs::{filter, init, init_with};
pub use metrics::Metrics;

use tracing::Span;

use crate::domain::principal::Principal;
use crate::domain::request::RequestId;

/// The span of one HTTP request, before it is known who asks.
pub fn request_span(request: RequestId) -> Span {
    tracing::error_span!(
        target: "quilt_mcp",
        "request",
        request_id = %request,
        trace_id = request.trace().trace_id(),
    )
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
    )
}
