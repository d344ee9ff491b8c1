//! Answers plain tool calls without a service of rmcp's.
//!
//! For each request that stands alone rmcp starts a service: it reads the message several times over, and passes it and its
//! answer through four tasks and their channels. A call whose answer is one message needs none of this. What is plainly such
//! a call is answered here, in the same words (`transport/tests/direct.rs` holds both ways against each other). All else is
//! rmcp's: other methods, sessions, progress, and whatever is unusual or wrong, so that one place decides what is wrong with
//! it.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderName, Method, StatusCode, header};
use rmcp::model::{
    CallToolResult, JsonRpcMessage, ProtocolVersion, RequestId as MessageId, RequestMetaObject,
    ServerJsonRpcMessage, ServerResult,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::accept::BOTH;
use super::answer::{JSON, json_rpc_error};
use super::name::only;
use crate::domain::request::{Progress, RequestId};
use crate::transport::{Authenticated, Server, protocol};

const CALL: &str = "tools/call";
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
const VERSION_IN_MESSAGE: &str = "io.modelcontextprotocol/protocolVersion";
const PROGRESS_TOKEN: &str = "progressToken";

/// A call that is answered by one message.
pub(in crate::transport) struct PlainCall {
    id: MessageId,
    tool: String,
    arguments: Map<String, Value>,
    meta: RequestMetaObject,
    version: &'static ProtocolVersion,
    request_id: RequestId,
}

/// No member but these, and none twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'a> {
    jsonrpc: &'a str,
    id: MessageId,
    method: &'a str,
    params: Params,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    name: String,
    arguments: Option<Map<String, Value>>,
    #[serde(rename = "_meta")]
    meta: Option<RequestMetaObject>,
}

impl PlainCall {
    /// The plain call that `request` is, if it is one. With `sessions`, older clients are rmcp's.
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
        let message: Message<'_> = serde_json::from_slice(body).ok()?;
        let Params { name: tool, arguments, meta } = message.params;
        let (arguments, meta) = (arguments.unwrap_or_default(), meta.unwrap_or_default());
        let is_call = message.jsonrpc == "2.0"
            && message.method == CALL
            && server.catalogue.is_called_by_message_alone(&tool)
            && !meta.contains_key(PROGRESS_TOKEN);
        let agrees = if *version == ProtocolVersion::V_2026_07_28 {
            only(headers, &METHOD)? == CALL
                && only(headers, &NAME)? == tool
                && meta.protocol_version().as_ref() == Some(version)
                && meta.missing_required_keys(version).is_empty()
        } else {
            !sessions && *version != ProtocolVersion::V_2024_11_05 && !meta.contains_key(VERSION_IN_MESSAGE)
        };
        let named = request.extensions().get::<RequestId>().copied();
        let request_id = named.unwrap_or_else(RequestId::new).within(protocol::trace_of(&meta));
        (is_call && agrees).then_some(Self { id: message.id, tool, arguments, meta, version, request_id })
    }

    /// Runs it, and stops it if the client goes away, since then this future is dropped.
    pub(super) async fn answer(self, server: &Server, caller: &Authenticated) -> Response {
        let Self { id, tool, arguments, meta, version, request_id } = self;
        let never = CancellationToken::new();
        let answer = server.answer(caller, request_id, tool, arguments, Progress::none(), &never).await;
        let meta = protocol::answer_meta(Some(version), &meta, answer.request_id);
        let write = move |answer| {
            let mut result = protocol::tool_result(answer).with_meta(meta);
            if *version < ProtocolVersion::V_2026_07_28 {
                result.result_type = None;
            }
            whole(result, id)
        };
        server.written(&caller.principal, answer, write).await.unwrap_or_else(|_| unwritten())
    }
}

fn whole(result: CallToolResult, id: MessageId) -> Response {
    let message: ServerJsonRpcMessage = JsonRpcMessage::response(ServerResult::CallToolResult(result), id);
    match serde_json::to_vec(&message) {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            response
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            unwritten()
        }
    }
}

fn unwritten() -> Response {
    *json_rpc_error(StatusCode::INTERNAL_SERVER_ERROR, -32603, "internal error")
}
