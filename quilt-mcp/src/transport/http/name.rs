//! Gives each HTTP request its name, before anything is refused.

use std::convert::Infallible;

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tracing::Instrument;

use super::ENDPOINT;
use crate::domain::request::RequestId;
use crate::domain::trace::TraceContext;
use crate::telemetry::{answered_with, request_span};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Whatever is logged of the request, and the call that it carries, has this name; the answer shows it, so that a caller
/// who was refused can say which request it was.
pub(super) async fn give<F: Future<Output = Result<Response, Infallible>>>(
    mut request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Result<Response, Infallible> {
    let id = RequestId::new().within(trace(request.headers()));
    let span = request_span(id, method(request.method()), route(request.uri().path()));
    request.extensions_mut().insert(id.inside());
    let answering = async {
        let Ok(response) = answer(request).await;
        answered_with(response.status().as_u16());
        response
    };
    let mut response = answering.instrument(span).await;
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    Ok(response)
}

/// Clients can make up methods without end.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::HEAD => "HEAD",
        _ => "_OTHER",
    }
}

/// And paths.
fn route(path: &str) -> Option<&'static str> {
    (path == ENDPOINT).then_some(ENDPOINT)
}

/// The trace that the caller says.
fn trace(headers: &HeaderMap) -> Option<TraceContext> {
    TraceContext::parse(only(headers, &TRACEPARENT)?)
}

/// The one value of a header, as text. Two are none.
pub(in crate::transport) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    }
}
