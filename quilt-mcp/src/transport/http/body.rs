//! Request bodies: how much is read, and what is said about one that is no JSON-RPC message.

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use std::borrow::Cow;
use std::time::Duration;

use super::answer::{Refusal, json_rpc_error};
use crate::transport::protocol::malformed;

/// How long a client may take to send a body.
const PATIENCE: Duration = Duration::from_secs(30);

/// Refuses a body that says it is too long, before anything else is looked at.
pub(super) fn check_declared_length(headers: &HeaderMap, limit: usize) -> Result<(), Refusal> {
    let declared =
        headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) { Err(too_large(limit)) } else { Ok(()) }
}

/// Reads a body, holding no more than `limit` bytes of it whatever it says of its length.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    tokio::time::timeout(PATIENCE, read_patiently(body, limit)).await.unwrap_or_else(|_| {
        Err(json_rpc_error(StatusCode::REQUEST_TIMEOUT, -32600, "the body did not arrive in time"))
    })
}

async fn read_patiently(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let mut chunks = body.into_data_stream();
    // Most bodies arrive in one piece, which is then not copied.
    let mut whole = Bytes::new();
    while let Some(chunk) = chunks.next().await {
        let chunk =
            chunk.map_err(|_| json_rpc_error(StatusCode::BAD_REQUEST, -32700, "the body broke off"))?;
        if chunk.len() > limit - whole.len() {
            return Err(too_large(limit));
        }
        whole = if whole.is_empty() { chunk } else { [whole, chunk].concat().into() };
    }
    Ok(whole)
}

fn too_large(limit: usize) -> Refusal {
    let message = format!("the body is longer than {limit} bytes");
    json_rpc_error(StatusCode::PAYLOAD_TOO_LARGE, -32600, &message)
}

/// What is wrong with a body that rmcp does not take for a message; it says so in prose only.
pub(super) fn explain(body: &[u8]) -> Refusal {
    let (code, message) = malformed(body);
    json_rpc_error(StatusCode::BAD_REQUEST, code, message)
}

/// Whether the body opens a session, if sessions are to be had.
pub(super) fn opens_a_session(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        method: Cow<'a, str>,
    }
    serde_json::from_slice::<Envelope<'_>>(body).is_ok_and(|message| message.method == "initialize")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn chunked(chunks: &[&'static str]) -> Body {
        let chunks: Vec<_> =
            chunks.iter().map(|c| Ok::<_, Infallible>(Bytes::from_static(c.as_bytes()))).collect();
        Body::from_stream(futures_util::stream::iter(chunks))
    }

    #[tokio::test]
    async fn a_body_of_unknown_length_is_cut_off_at_the_limit() {
        assert_eq!(read(chunked(&["ab", "cd"]), 4).await.expect("fits"), "abcd");
        let refusal = read(chunked(&["ab", "cd", "e"]), 4).await.expect_err("too long");
        assert_eq!(refusal.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn only_an_initialize_request_opens_a_session() {
        assert!(opens_a_session(br#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#));
        assert!(opens_a_session(br#"{"method":"initi\u0061lize"}"#));
        assert!(!opens_a_session(br#"{"method":"tools/call","params":{"method":"initialize"}}"#));
        assert!(!opens_a_session(b"not JSON"));
    }
}
