//! The reply in an HTTP response: a JSON body, or an event stream in which notifications come before it.

use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::CallError;

/// The message that answers request `id`, and the status it came with. Other messages of its stream go to `hear`. All that
/// comes is shown to `look`, which may refuse it.
pub(super) async fn reply(
    response: Response,
    id: u64,
    hear: impl FnMut(&Value),
    look: &(dyn Fn(&str) -> Result<(), CallError> + Sync),
) -> Result<(StatusCode, Value), CallError> {
    let status = response.status();
    let is_stream = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/event-stream"));
    if is_stream && status.is_success() {
        return Ok((status, from_stream(response, id, hear, look).await?));
    }
    let body = response.text().await?;
    look(&body)?;
    match serde_json::from_str::<Value>(&body) {
        // An error of the protocol comes with a status of its own in the newer one.
        Ok(message) if status.is_success() || message.get("jsonrpc").is_some() => Ok((status, message)),
        _ if status.is_success() => Err(CallError::Malformed(body)),
        _ => Err(CallError::Http { status, body }),
    }
}

async fn from_stream(
    mut response: Response,
    id: u64,
    mut hear: impl FnMut(&Value),
    look: &(dyn Fn(&str) -> Result<(), CallError> + Sync),
) -> Result<Value, CallError> {
    let mut unread = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        unread.extend_from_slice(&chunk);
        while let Some(end) = unread.iter().position(|b| *b == b'\n') {
            let line: Vec<u8> = unread.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            look(&line)?;
            let Some(data) = line.trim_end().strip_prefix("data:").map(str::trim_start) else { continue };
            // A priming event has no data.
            if let Ok(message) = serde_json::from_str::<Value>(data) {
                if message["id"] == id {
                    return Ok(message);
                }
                hear(&message);
            }
        }
    }
    Err(CallError::Transport("the stream ended before the answer".into()))
}
