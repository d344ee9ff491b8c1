//! Answers that the HTTP layer gives itself, because the request does not get as far as MCP.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::domain::access::Access;

/// The whole answer to a request that goes no further. Boxed, because it is rare and large.
pub(super) type Refusal = Box<Response>;

/// A JSON-RPC error without an id: what is wrong is not with one message.
pub(super) fn json_rpc_error(status: StatusCode, code: i32, message: &str) -> Refusal {
    json(status, &json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": message}}))
}

/// Nobody's request. `challenge` says how to ask.
pub(super) fn unauthenticated(challenge: HeaderValue) -> Refusal {
    let message = "a valid bearer token is required";
    let mut refusal =
        json(StatusCode::UNAUTHORIZED, &json!({"error": "unauthenticated", "message": message}));
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    refusal
}

/// Somebody's request, with a token that is not for this.
pub(super) fn insufficient_scope(needed: Access, challenge: HeaderValue) -> Refusal {
    let message = format!("the token lacks the scope `{}`", needed.scope());
    let mut refusal =
        json(StatusCode::FORBIDDEN, &json!({"error": "insufficient_scope", "message": message}));
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    refusal
}

/// More than is allowed over time.
pub(super) fn too_many_requests(wait: Duration) -> Refusal {
    let mut refusal = json_rpc_error(
        StatusCode::TOO_MANY_REQUESTS,
        -32000,
        "limit exceeded: too many requests, try again later",
    );
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    refusal
}

/// The session does not exist, or is somebody else's: the same answer. Clients then open a new one.
pub(super) fn no_such_session() -> Refusal {
    json_rpc_error(StatusCode::NOT_FOUND, -32001, "session not found")
}

fn json(status: StatusCode, body: &serde_json::Value) -> Refusal {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Box::new(response)
}
