//! Answers that the HTTP layer gives itself, because the request does not get as far as MCP. All have one shape: a
//! JSON-RPC error without an id.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::domain::access::Access;

/// For refusals that JSON-RPC has no code for: HTTP's status says what it is. MCP's own SDKs use the same.
const REFUSED: i32 = -32000;

/// The longest prose of rmcp's that is passed on, in bytes.
const MAX_PROSE: usize = 4096;

/// The whole answer to a request that goes no further. Boxed, because it is rare and large.
pub(super) type Refusal = Box<Response>;

/// A JSON-RPC error without an id: what is wrong is not with one message.
pub(super) fn json_rpc_error(status: StatusCode, code: i32, message: &str) -> Refusal {
    json(status, &json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": message}}))
}

/// Nobody's request. `challenge` says how to ask.
pub(super) fn unauthenticated(challenge: HeaderValue) -> Refusal {
    let message = "a valid bearer token is required";
    let mut refusal = json_rpc_error(StatusCode::UNAUTHORIZED, REFUSED, message);
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    refusal
}

/// Somebody's request, with a token that is not for this.
pub(super) fn insufficient_scope(needed: Access, challenge: HeaderValue) -> Refusal {
    let message = format!("the token lacks the scope `{}`", needed.scope());
    let mut refusal = json_rpc_error(StatusCode::FORBIDDEN, REFUSED, &message);
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    refusal
}

/// More than is allowed over time.
pub(super) fn too_many_requests(wait: Duration) -> Refusal {
    let message = "limit exceeded: too many requests, try again later";
    later(json_rpc_error(StatusCode::TOO_MANY_REQUESTS, REFUSED, message), wait)
}

/// Perhaps somebody's request: nobody could say whose. No challenge, since another token would not help.
pub(super) fn undecided(wait: Duration) -> Refusal {
    let message = "it cannot be checked now whose token this is, try again later";
    later(json_rpc_error(StatusCode::SERVICE_UNAVAILABLE, REFUSED, message), wait)
}

fn later(mut refusal: Refusal, wait: Duration) -> Refusal {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    refusal
}

/// The session does not exist, or is somebody else's: the same answer. Clients then open a new one.
pub(super) fn no_such_session() -> Refusal {
    json_rpc_error(StatusCode::NOT_FOUND, -32001, "session not found")
}

/// `response` as it is, or, if it refuses in prose as rmcp does, in the shape that refusals have here.
pub(super) async fn in_one_shape(response: Response) -> Response {
    let status = response.status();
    let is_refusal = status.is_client_error() || status.is_server_error();
    if !is_refusal || response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == JSON) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let prose = to_bytes(body, MAX_PROSE).await.unwrap_or_default();
    let prose = String::from_utf8_lossy(&prose);
    let refusal = match status {
        StatusCode::NOT_FOUND => no_such_session(),
        // It may say how the server is built, which is the operator's.
        status if status.is_server_error() => {
            tracing::error!(%status, detail = %prose, "a request failed in the transport");
            json_rpc_error(status, -32603, "internal error")
        }
        status => {
            let words =
                if prose.is_empty() { status.canonical_reason().unwrap_or_default() } else { &*prose };
            json_rpc_error(status, REFUSED, words)
        }
    };
    let mut answer = *refusal;
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = parts.headers.get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn json(status: StatusCode, body: &serde_json::Value) -> Refusal {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    Box::new(response)
}
