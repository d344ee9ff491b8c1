//! Gives each HTTP request its name, before anything is refused.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};
use tracing::Instrument;

use crate::domain::request::RequestId;
use crate::domain::trace::TraceContext;
use crate::telemetry::request_span;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Whatever is logged of the request, and the call that it carries, has this name; the answer shows it, so that a caller
/// who was refused can say which request it was.
pub(super) async fn give(mut request: Request, next: Next) -> Response {
    let id = RequestId::new().within(trace(request.headers()));
    request.extensions_mut().insert(id);
    let mut response = next.run(request).instrument(request_span(id)).await;
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The trace that the caller says. Two that differ are none.
fn trace(headers: &HeaderMap) -> Option<TraceContext> {
    let mut all = headers.get_all(TRACEPARENT).iter();
    match (all.next(), all.next()) {
        (Some(one), None) => TraceContext::parse(one.to_str().ok()?),
        _ => None,
    }
}
