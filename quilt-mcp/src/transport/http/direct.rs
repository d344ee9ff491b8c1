//! Answers plain requests without a service of rmcp's: calls of tools, and the list of them.
//!
//! For each request that stands alone rmcp starts a service: it reads the message several times over, and passes it and its
//! answer through four tasks and their channels. A request whose answer is one message needs none of this, and the list is the
//! same for everybody. What is plainly such a request is answered here, in the same words (`transport/tests/direct.rs` holds both
//! ways against each other). All else is rmcp's: other methods, sessions, progress, and whatever is unusual or wrong, so that one
//! place decides what is wrong with it.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use futures_util::stream;
use http::{HeaderName, Method, StatusCode, header};
use rmcp::model::{
    JsonRpcMessage, ProtocolVersion, RequestId as MessageId, RequestMetaObject, ServerJsonRpcMessage,
    ServerResult,
};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::accept::BOTH;
use super::answer::{JSON, json_rpc_error};
use super::name::only;
use crate::domain::request::{Progress, RequestId};
use crate::transport::{Authenticated, Server, protocol};

const CALL: &str = "tools/call";
const LIST: &str = "tools/list";
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
const VERSION_IN_MESSAGE: &str = "io.modelcontextprotocol/protocolVersion";
const PROGRESS_TOKEN: &str = "progressToken";

/// A request that is answered by one message.
pub(in crate::transport) struct PlainRequest {
    id: MessageId,
    asked: Asked,
    meta: RequestMetaObject,
    version: &'static ProtocolVersion,
    request_id: RequestId,
}

/// What is asked for.
enum Asked {
    /// That a tool is called.
    Call { tool: String, arguments: Map<String, Value> },
    /// All tools.
    Tools,
}

/// No member but these, and none twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'a> {
    jsonrpc: &'a str,
    id: MessageId,
    method: &'a str,
    #[serde(default)]
    params: Object<Params>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    name: Option<String>,
    arguments: Option<Map<String, Value>>,
    #[serde(rename = "_meta")]
    meta: Option<RequestMetaObject>,
}

/// Read from an object only: what serde derives takes a list for one, too.
#[derive(Default)]
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Object)
    }
}

impl PlainRequest {
    /// The plain request that `request` is, if it is one. With `sessions`, older clients are rmcp's.
    pub(in crate::transport) fn read(
        request: &Request,
        body: &[u8],
        server: &Server,
        sessions: bool,
    ) -> Option<Self> {
        let headers = request.headers();
        // Another `Accept` than the gate leaves where it names JSON is for rmcp to weigh.
        let plain = request.method() == Method::POST
            && only(headers, &header::CONTENT_TYPE)? == "application/json"
            && only(headers, &header::ACCEPT)? == BOTH;
        if !plain {
            return None;
        }
        let said = only(headers, &VERSION)?;
        let version = ProtocolVersion::KNOWN_VERSIONS.iter().find(|known| known.as_str() == said)?;
        let Object::<Message<'_>>(message) = serde_json::from_slice(body).ok()?;
        let Object(Params { name, arguments, meta }) = message.params;
        let meta = meta.unwrap_or_default();
        let is_plain = message.jsonrpc == "2.0" && !meta.contains_key(PROGRESS_TOKEN);
        let agrees = if *version == ProtocolVersion::V_2026_07_28 {
            only(headers, &METHOD)? == message.method
                && only(headers, &NAME) == name.as_deref()
                && headers.contains_key(&NAME) == name.is_some()
                && meta.protocol_version().as_ref() == Some(version)
                && meta.missing_required_keys(version).is_empty()
        } else {
            !sessions && *version != ProtocolVersion::V_2024_11_05 && !meta.contains_key(VERSION_IN_MESSAGE)
        };
        let asked = match (message.method, name, arguments) {
            (CALL, Some(tool), arguments) if server.catalogue.is_called_by_message_alone(&tool) => {
                Asked::Call { tool, arguments: arguments.unwrap_or_default() }
            }
            (LIST, None, None) => Asked::Tools,
            _ => return None,
        };
        let named = request.extensions().get::<RequestId>().copied();
        let request_id = named.unwrap_or_else(RequestId::new).within(protocol::trace_of(&meta));
        (is_plain && agrees).then_some(Self { id: message.id, asked, meta, version, request_id })
    }

    /// Gives what is asked for. A call is stopped if the client goes away, since then this future is dropped.
    pub(super) async fn answer(self, server: &Server, caller: &Authenticated) -> Response {
        let Self { id, asked, meta, version, request_id } = self;
        let Asked::Call { tool, arguments } = asked else { return tools(server, version, id) };
        let never = CancellationToken::new();
        let answer = server.answer(caller, request_id, tool, arguments, Progress::none(), &never).await;
        let meta = protocol::answer_meta(Some(version), &meta, answer.request_id);
        let write = move |answer| {
            let result = ServerResult::CallToolResult(protocol::tool_result(answer).with_meta(meta));
            written(result, version, id).map_or_else(unwritten, |message| json(Body::from(message)))
        };
        server.written(&caller.principal, answer, write).await.unwrap_or_else(|_| unwritten())
    }
}

/// All tools, which are the end of the message.
fn tools(server: &Server, version: &ProtocolVersion, id: MessageId) -> Response {
    let list = ServerResult::ListToolsResult(protocol::tool_list(Vec::new(), Some(version)));
    let around = written(list, version, id).and_then(|message| String::from_utf8(message).ok());
    let Some((before, after)) = around.as_deref().and_then(|message| message.rsplit_once("[]")) else {
        return unwritten();
    };
    let tools = server.catalogue.written_tools();
    let length = before.len() + tools.len() + after.len();
    let parts = [before.to_owned().into(), tools, after.to_owned().into()].map(Ok::<Bytes, Infallible>);
    let mut response = json(Body::from_stream(stream::iter(parts)));
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

/// The message with `result`, as clients of `version` know it.
fn written(mut result: ServerResult, version: &ProtocolVersion, id: MessageId) -> Option<Vec<u8>> {
    if *version < ProtocolVersion::V_2026_07_28 {
        result.strip_result_type_for_legacy_peer();
    }
    let message: ServerJsonRpcMessage = JsonRpcMessage::response(result, id);
    serde_json::to_vec(&message)
        .inspect_err(|error| tracing::error!(%error, "an answer could not be written"))
        .ok()
}

fn json(body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

fn unwritten() -> Response {
    *json_rpc_error(StatusCode::INTERNAL_SERVER_ERROR, -32603, "internal error")
}
