//! Answers that the HTTP layer gives itself, because the request does not get as far as MCP.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// The whole answer to a request that goes no further. Boxed, because it is rare and large.
pub(super) type Refusal = Box<Response>;

/// A JSON-RPC error without an id: what is wrong is not with one message.
pub(super) fn json_rpc_error(status: StatusCode, code: i32, message: &str) -> Refusal {
    json(status, &json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": message}}))
}

/// Always the same, so that it says nothing about why.
pub(super) fn unauthenticated() -> Refusal {
    let message = "a valid bearer token is required";
    let mut refusal =
        json(StatusCode::UNAUTHORIZED, &json!({"error": "unauthenticated", "message": message}));
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
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
