//! A message to the server, by somebody with a good token.

use axum::body::Body;
use http::{HeaderValue, Request};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::Result;
use crate::in_process::{InProcess, good_token};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 16 << 20;
/// Where a message of the newest protocol says so.
const VERSION: &str = "/params/_meta/io.modelcontextprotocol~1protocolVersion";

/// The whole server, with nobody behind it: whatever needs AWS ends at the caller's credentials.
pub struct MessageDoor {
    server: InProcess,
}

impl MessageDoor {
    /// Ready to be tried.
    ///
    /// # Errors
    /// If there is no runtime, or the server does not start.
    pub fn open() -> Result<Self> {
        Ok(Self { server: InProcess::open(|sound| sound)? })
    }

    /// Sends the bytes as the body of a request. Where they say that they are of the newest protocol, with the headers
    /// that it wants.
    ///
    /// # Panics
    /// If the server fails rather than answers, or answers what is no JSON.
    pub fn knock(&self, bytes: &[u8]) {
        let request = self.request(bytes);
        let (status, body) = self.server.runtime.block_on(async {
            let response =
                self.server.service.clone().oneshot(request).await.expect("the service never fails");
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, LONGEST).await.expect("an answer in this process is whole");
            (parts.status, body)
        });
        let shown = String::from_utf8_lossy(&body);
        assert!(!status.is_server_error(), "{status}: {shown}");
        // What the caller is told of a panic, and of everything else that nobody thought of.
        assert!(!shown.replace('\\', "").contains("\"code\":\"internal\""), "{shown}");
        for line in shown.lines() {
            let Some(data) = line.strip_prefix("data: ").or_else(|| line.strip_prefix('{').map(|_| line))
            else {
                continue;
            };
            let message: Value = serde_json::from_str(data).expect("an answer is JSON");
            assert_eq!(message["jsonrpc"], "2.0", "{message}");
        }
    }

    fn request(&self, bytes: &[u8]) -> Request<Body> {
        let mut request = Request::post("/mcp")
            .header("host", "127.0.0.1")
            .header("authorization", format!("Bearer {}", good_token()))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        let message: Value = serde_json::from_slice(bytes).unwrap_or_default();
        if let Some(version) = message.pointer(VERSION).and_then(Value::as_str) {
            let name = ["name", "uri"].iter().find_map(|key| message["params"][key].as_str());
            let headers = [
                ("mcp-protocol-version", Some(version)),
                ("mcp-method", message["method"].as_str()),
                ("mcp-name", name),
            ];
            for (header, value) in headers {
                if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                    request = request.header(header, value);
                }
            }
        }
        request.body(Body::from(bytes.to_vec())).expect("all headers were checked")
    }
}
