//! An MCP client as lean as can be: one connection that is kept, `TCP_NODELAY`, and every body checked.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::Result;
use crate::case::{Case, mark};

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
const OLD: &str = "2025-11-25";
const NEW: &str = "2026-07-28";

/// How MCP is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// 2025-11-25, each request alone.
    Old,
    /// 2026-07-28, which has no sessions.
    New,
    /// 2025-11-25 in a session, answered by event streams.
    Session,
}

impl Era {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Old => "2025-11-25",
            Self::New => "2026-07-28",
            Self::Session => "2025-11-25, session",
        }
    }
}

/// Who calls, and where.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) tenant: String,
    pub(crate) token: Option<String>,
    pub(crate) content_type: &'static str,
}

/// What clients say that they send, as the SDKs write it.
pub(crate) const JSON: &str = "application/json";
/// The same in other words, which our server leaves to rmcp.
pub(crate) const JSON_FOR_RMCP: &str = "application/json; charset=utf-8";
/// What clients accept, as the SDKs write it.
const ACCEPT: &str = "application/json, text/event-stream";

/// How a call was answered, if the server keeps to the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// With this structured content, as text.
    Well(String),
    /// With this error of the tool, as text.
    Failed(String),
    /// With `429`, and a time to come again.
    Shed,
}

/// One connection of one caller.
pub(crate) struct Client {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
    headers: HeaderMap,
    era: Era,
    who: Who,
    last: u64,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, era: Era, who: Who, first: u64) -> Result<Self> {
        let sender = open(address).await?;
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, address.to_string().parse()?);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(who.content_type));
        headers.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
        if let Some(token) = &who.token {
            headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse()?);
        }
        headers.insert(VERSION, HeaderValue::from_static(if era == Era::New { NEW } else { OLD }));
        let mut client = Self { address, sender, headers, era, who, last: first };
        if era == Era::Session {
            client.open_session().await?;
        }
        Ok(client)
    }

    async fn open_session(&mut self) -> Result {
        let hello = json!({
            "jsonrpc": "2.0", "id": 0, "method": "initialize",
            "params": {"protocolVersion": OLD, "capabilities": {}, "clientInfo": {"name": "load", "version": "1"}},
        });
        let (status, headers, body) = self.post(&hello, "initialize", None).await?;
        let session = headers.get(SESSION_ID).cloned();
        let session =
            session.ok_or_else(|| format!("no session: {status} {}", String::from_utf8_lossy(&body)))?;
        self.headers.insert(SESSION_ID, session);
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let (status, ..) = self.post(&ready, "notifications/initialized", None).await?;
        if status.is_success() { Ok(()) } else { Err(format!("`initialized` was answered {status}").into()) }
    }

    /// Makes one call and looks at its answer.
    pub(crate) async fn call(&mut self, case: Case) -> Result<Answered> {
        self.last += 1;
        let number = self.last;
        let arguments = case.arguments(&self.who.tenant, number);
        let answered = self.tool(case.tool(), &arguments, number).await?;
        match &answered {
            Answered::Well(text) if !text.contains(&mark(number)) => {
                Err(format!("the answer to call {number} is another's: {text}").into())
            }
            _ => Ok(answered),
        }
    }

    pub(crate) async fn tool(&mut self, tool: &str, arguments: &Value, number: u64) -> Result<Answered> {
        let message = self.message(tool, arguments, number);
        let (status, headers, body) = self.post(&message, "tools/call", Some(tool)).await?;
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait =
                headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
            return wait.map(|_| Answered::Shed).ok_or_else(|| "429 without Retry-After".into());
        }
        if status != StatusCode::OK {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
        }
        answer_in(&body, number)
    }

    /// The first call of `case`, as somebody else may send it: its headers and its body.
    pub(crate) fn written(&self, case: Case) -> Result<(HeaderMap, String)> {
        let arguments = case.arguments(&self.who.tenant, self.last);
        let message = self.message(case.tool(), &arguments, self.last);
        Ok((self.headers("tools/call", Some(case.tool()))?, message.to_string()))
    }

    fn message(&self, tool: &str, arguments: &Value, number: u64) -> Value {
        let mut params = json!({"name": tool, "arguments": arguments});
        if self.era == Era::New {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": NEW,
                "io.modelcontextprotocol/clientInfo": {"name": "load", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        json!({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params})
    }

    fn headers(&self, method: &'static str, tool: Option<&str>) -> Result<HeaderMap> {
        let mut headers = self.headers.clone();
        if self.era == Era::New {
            headers.insert(METHOD, HeaderValue::from_static(method));
            if let Some(tool) = tool {
                headers.insert(NAME, tool.parse()?);
            }
        }
        Ok(headers)
    }

    async fn post(
        &mut self,
        message: &Value,
        method: &'static str,
        tool: Option<&str>,
    ) -> Result<(StatusCode, HeaderMap, Bytes)> {
        let mut request = Request::post("/mcp").body(Full::new(Bytes::from(serde_json::to_vec(message)?)))?;
        *request.headers_mut() = self.headers(method, tool)?;
        // A server may close a connection after an answer, as after a `429` that it gave before it read the body.
        if self.sender.ready().await.is_err() {
            self.sender = open(self.address).await?;
        }
        let (head, body) = self.sender.send_request(request).await?.into_parts();
        Ok((head.status, head.headers, body.collect().await?.to_bytes()))
    }
}

async fn open(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

#[derive(Deserialize)]
struct Message<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    result: Option<ToolResult<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult<'a> {
    #[serde(default)]
    is_error: bool,
    #[serde(borrow)]
    structured_content: Option<&'a RawValue>,
}

/// The answer to `number`, alone or in a stream of events.
fn answer_in(body: &[u8], number: u64) -> Result<Answered> {
    let text = std::str::from_utf8(body)?;
    let found = if text.starts_with('{') {
        answer_of(text, number)
    } else {
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        data.filter_map(|json| answer_of(json.trim(), number)).next()
    };
    found.ok_or_else(|| format!("not the answer to call {number}: {text}").into())
}

fn answer_of(json: &str, number: u64) -> Option<Answered> {
    let message: Message<'_> = serde_json::from_str(json).ok()?;
    let result = message.result.filter(|_| message.id == Some(number))?;
    if result.is_error {
        return Some(Answered::Failed(json.to_owned()));
    }
    Some(Answered::Well(result.structured_content?.get().to_owned()))
}
