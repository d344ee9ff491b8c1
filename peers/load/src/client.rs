//! An MCP client as lean as can be: one connection that is kept, `TCP_NODELAY`, and every body checked.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::Result;
use crate::case::{Case, TRIVIAL, mark};

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
    pub(crate) user: String,
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
    /// With this structured content, as text; to what is no call of a tool, with this body.
    Well(String),
    /// With this error of the tool.
    Failed(String),
    /// With `429`, and a time to come again.
    Shed,
}

impl Answered {
    /// What it was answered with, if well.
    pub(crate) fn well(self) -> Result<String> {
        match self {
            Self::Well(text) => Ok(text),
            Self::Failed(what) => Err(what.into()),
            Self::Shed => Err("refused for now".into()),
        }
    }
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
        let (status, headers, body) = self.send(&hello, "initialize", None).await?;
        let session = headers.get(SESSION_ID).cloned();
        let session =
            session.ok_or_else(|| format!("no session: {status} {}", String::from_utf8_lossy(&body)))?;
        self.headers.insert(SESSION_ID, session);
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let (status, ..) = self.send(&ready, "notifications/initialized", None).await?;
        if status.is_success() { Ok(()) } else { Err(format!("`initialized` was answered {status}").into()) }
    }

    /// Makes one call and looks at its answer.
    pub(crate) async fn call(&mut self, case: Case) -> Result<Answered> {
        self.last += 1;
        let number = self.last;
        let Some(tool) = case.tool() else { return self.tools(number).await };
        let arguments = case.arguments(&self.who.tenant, &self.who.user, number);
        let answered = self.tool(tool, &arguments, number).await?;
        match answered {
            // Some servers call a failure an answer like any other.
            Answered::Well(text) if !says_success(&text) => Ok(Answered::Failed(text)),
            Answered::Well(text) if !text.contains(&mark(number)) => {
                Err(format!("the answer to call {number} is another's: {text}").into())
            }
            answered => Ok(answered),
        }
    }

    pub(crate) async fn tool(&mut self, tool: &str, arguments: &Value, number: u64) -> Result<Answered> {
        let message = self.message("tools/call", json!({"name": tool, "arguments": arguments}), number);
        match self.post(&message, "tools/call", Some(tool)).await? {
            Some(body) => answer_in(&body, number),
            None => Ok(Answered::Shed),
        }
    }

    /// Asks which tools there are. The answer is long and the same each time, so it is not read but searched.
    async fn tools(&mut self, number: u64) -> Result<Answered> {
        let message = self.message("tools/list", json!({}), number);
        let Some(body) = self.post(&message, "tools/list", None).await? else { return Ok(Answered::Shed) };
        let has = |text: String| memmem::find(&body, text.as_bytes()).is_some();
        let is_ours = [",", "}"].into_iter().any(|end| has(format!("\"id\":{number}{end}")))
            && has(format!("\"name\":\"{TRIVIAL}\""));
        let text = String::from_utf8(body.into())?;
        if is_ours {
            return Ok(Answered::Well(text));
        }
        Err(format!("not the list that call {number} asked for: {text:.2000}").into())
    }

    pub(crate) fn user(&self) -> &str {
        &self.who.user
    }

    /// The first call of the trivial tool, as somebody else may send it: its headers and its body.
    pub(crate) fn written(&self) -> Result<(HeaderMap, String)> {
        let arguments = Case::Trivial.arguments(&self.who.tenant, &self.who.user, self.last);
        let message = self.message("tools/call", json!({"name": TRIVIAL, "arguments": arguments}), self.last);
        Ok((self.headers("tools/call", Some(TRIVIAL))?, message.to_string()))
    }

    fn message(&self, method: &str, mut params: Value, number: u64) -> Value {
        if self.era == Era::New {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": NEW,
                "io.modelcontextprotocol/clientInfo": {"name": "load", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        json!({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
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

    /// The body of the answer. `None`: it was refused for now, with a time to come again.
    async fn post(
        &mut self,
        message: &Value,
        method: &'static str,
        tool: Option<&str>,
    ) -> Result<Option<Bytes>> {
        let (status, headers, body) = self.send(message, method, tool).await?;
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait =
                headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
            return wait.map(|_| None).ok_or_else(|| "429 without Retry-After".into());
        }
        if status != StatusCode::OK {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
        }
        Ok(Some(body))
    }

    async fn send(
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

/// Whether a tool's own answer says that it did what was asked.
fn says_success(content: &str) -> bool {
    content.contains("\"success\":true") || content.contains("\"success\": true")
}

/// The messages in a body: one alone, or those of a stream of events, some of which have none.
pub(crate) fn messages_in(body: &str) -> impl Iterator<Item = &str> {
    let alone = body.starts_with('{').then_some(body);
    let events = body.lines().filter(move |_| alone.is_none());
    let streamed = events.filter_map(|line| line.strip_prefix("data:")).map(str::trim);
    alone.into_iter().chain(streamed.filter(|message| !message.is_empty()))
}

/// The answer to `number`.
fn answer_in(body: &[u8], number: u64) -> Result<Answered> {
    let text = std::str::from_utf8(body)?;
    let found = messages_in(text).find_map(|json| answer_of(json, number));
    found.ok_or_else(|| format!("not the answer to call {number}: {text}").into())
}

fn answer_of(json: &str, number: u64) -> Option<Answered> {
    let message: Message<'_> = serde_json::from_str(json).ok()?;
    let result = message.result.filter(|_| message.id == Some(number))?;
    if result.is_error {
        let whole: Value = serde_json::from_str(json).ok()?;
        let said = whole["result"]["content"][0]["text"].as_str().unwrap_or(json);
        return Some(Answered::Failed(said.to_owned()));
    }
    Some(Answered::Well(result.structured_content?.get().to_owned()))
}
