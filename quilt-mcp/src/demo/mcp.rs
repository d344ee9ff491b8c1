//! As much of an MCP client as the scripted session needs: JSON-RPC over Streamable HTTP.

use std::io;
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt as _;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::wire;

const PROTOCOL: &str = "2025-06-18";
pub(super) const SESSION_ID: &str = "mcp-session-id";
/// Largest answer that is read, in bytes.
const MAX_ANSWER: usize = 4 << 20;
/// How long one call may take before the session is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// One person's connection to the server.
pub(super) struct Client {
    url: String,
    token: String,
    session: Option<String>,
    protocol: String,
    last_id: u64,
}

/// How a tool call went.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// The tool's structured output.
    Done(Value),
    /// The tool's error: its stable code and its message.
    Refused { code: String, message: String },
}

impl Client {
    /// Initialises a session for the owner of `token`.
    ///
    /// # Errors
    /// If the server cannot be reached, or answers anything but a session.
    pub(super) async fn open(url: &str, token: &str) -> io::Result<Self> {
        let mut client = Self {
            url: url.to_owned(),
            token: token.to_owned(),
            session: None,
            protocol: PROTOCOL.to_owned(),
            last_id: 0,
        };
        let hello = json!({
            "protocolVersion": PROTOCOL,
            "capabilities": {},
            "clientInfo": { "name": "quilt-mcp demo", "version": env!("CARGO_PKG_VERSION") },
        });
        let (headers, result) = client.request("initialize", &hello).await?;
        if let Some(version) = result["protocolVersion"].as_str() {
            version.clone_into(&mut client.protocol);
        }
        client.session = headers.get(SESSION_ID).and_then(|value| value.to_str().ok()).map(str::to_owned);
        client.post(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await?;
        Ok(client)
    }

    /// Calls a tool.
    ///
    /// # Errors
    /// If there is no answer, or one that is no tool result.
    pub(super) async fn call(&mut self, tool: &str, arguments: &Value) -> io::Result<Answer> {
        let params = json!({ "name": tool, "arguments": arguments });
        let (_, result) = self.request("tools/call", &params).await?;
        let output = &result["structuredContent"];
        if result["isError"] == json!(true) {
            let text = result["content"][0]["text"].as_str().unwrap_or_default();
            let envelope: Value = serde_json::from_str(text).unwrap_or_default();
            let word = |name: &str| envelope["error"][name].as_str().unwrap_or("unknown").to_owned();
            return Ok(Answer::Refused { code: word("code"), message: word("message") });
        }
        if !output.is_object() {
            return Err(io::Error::other(format!("`{tool}` answered without structured content")));
        }
        Ok(Answer::Done(output.clone()))
    }

    /// The HTTP status that this person's token gets with the session id of `other`; `None` where the server has no sessions.
    pub(super) async fn status_in_session_of(&self, other: &Self) -> io::Result<Option<StatusCode>> {
        let Some(session) = &other.session else { return Ok(None) };
        let borrowed = Self {
            url: self.url.clone(),
            token: self.token.clone(),
            session: Some(session.clone()),
            protocol: self.protocol.clone(),
            last_id: 0,
        };
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        Ok(Some(borrowed.post(&ping).await?.status()))
    }

    async fn request(&mut self, method: &str, params: &Value) -> io::Result<(HeaderMap, Value)> {
        self.last_id += 1;
        let id = self.last_id;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        tokio::time::timeout(PATIENCE, async {
            let response = self.post(&message).await?;
            let (parts, body) = response.into_parts();
            if parts.status != StatusCode::OK {
                return Err(io::Error::other(format!("`{method}` answered HTTP {}", parts.status)));
            }
            let mut answer = answer_to(id, is_event_stream(&parts.headers), body).await?;
            if let Some(error) = answer.get("error") {
                return Err(io::Error::other(format!("`{method}` failed: {}", error["message"])));
            }
            Ok((parts.headers, answer["result"].take()))
        })
        .await
        .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, format!("`{method}` was not answered")))?
    }

    async fn post(&self, message: &Value) -> io::Result<http::Response<Body>> {
        let mut request = http::Request::post(&self.url)
            .header(ACCEPT, "application/json, text/event-stream")
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, format!("Bearer {}", self.token));
        if self.last_id > 1 || self.session.is_some() {
            request = request.header("mcp-protocol-version", &self.protocol);
        }
        if let Some(session) = &self.session {
            request = request.header(SESSION_ID, session);
        }
        let request = request.body(Body::from(message.to_string())).map_err(io::Error::other)?;
        Ok(wire::send(request).await?.map(Body::new))
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/event-stream"))
}

/// Reads until the answer to request `id` is there. A stream may hold notifications before it, and stay open after it.
async fn answer_to(id: u64, is_stream: bool, body: Body) -> io::Result<Value> {
    let mut frames = body.into_data_stream();
    let mut read = Vec::new();
    while let Some(frame) = frames.next().await {
        read.extend_from_slice(&frame.map_err(io::Error::other)?);
        if read.len() > MAX_ANSWER {
            return Err(io::Error::other("the answer is too long"));
        }
        if is_stream && let Some(answer) = event_answering(id, &String::from_utf8_lossy(&read)) {
            return Ok(answer);
        }
    }
    if is_stream {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the stream ended without an answer"));
    }
    serde_json::from_slice(&read).map_err(io::Error::other)
}

/// The message with this id among the complete events of a stream.
fn event_answering(id: u64, stream: &str) -> Option<Value> {
    let stream = stream.replace("\r\n", "\n");
    let (complete, _) = stream.rsplit_once("\n\n")?;
    complete.split("\n\n").find_map(|event| {
        let data: String =
            event.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim_start).collect();
        let message: Value = serde_json::from_str(&data).ok()?;
        (message["id"] == json!(id)).then_some(message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_found_after_a_primer_and_a_notification() {
        let stream = "id: 0\ndata:\n\ndata: {\"method\":\"notifications/progress\"}\n\n\
                      data: {\"id\":7,\"result\":{}}\n\n";
        assert_eq!(event_answering(7, stream), Some(json!({ "id": 7, "result": {} })));
        assert_eq!(event_answering(8, stream), None);
        let half = "data: {\"id\":7,\"result\":{}}\n";
        assert_eq!(event_answering(7, half), None);
    }
}
