//! Our words in MCP's, and MCP's in ours.

use std::sync::OnceLock;

use rmcp::ErrorData;
use rmcp::model::{
    CacheScope, CallToolResult, ContentBlock, Implementation, JsonObject, ListToolsResult, MetaObject,
    ProtocolVersion, ReadResourceResult, RequestMetaObject, ResourceContents, ServerCapabilities,
    ServerConfig, Tool,
};
use serde_json::{Value, json};

use super::calls::Answer;
use crate::domain::request::RequestId;
use crate::domain::trace::TraceContext;
use crate::error::{ErrorCode, ToolError};

/// What a model is told about the server as a whole.
const INSTRUCTIONS: &str = "Quilt data in S3: look at buckets and objects, see what you may do, and keep track of \
    workflows. Every call acts with your own rights; what you may not see, the tools do not see either. Start with \
    `discover_permissions` to learn which buckets you can use. A failed call says why in `error.message` and, where \
    there is one, what to do in `error.hint`.";

/// What a server has besides tools.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offers {
    pub(super) resources: bool,
    pub(super) prompts: bool,
    pub(super) completions: bool,
}

/// What clients learn when they connect.
pub(super) fn server_config(offers: Offers) -> ServerConfig {
    let mut capabilities = ServerCapabilities::default();
    capabilities.tools = Some(Default::default());
    capabilities.resources = offers.resources.then(Default::default);
    capabilities.prompts = offers.prompts.then(Default::default);
    capabilities.completions = offers.completions.then(Default::default);
    ServerConfig::new(capabilities).with_server_info(implementation()).with_instructions(INSTRUCTIONS)
}

fn implementation() -> Implementation {
    Implementation::new("quilt-mcp", env!("CARGO_PKG_VERSION")).with_title("Quilt")
}

/// The `_meta` of a result: clients of 2026-07-28, which has no handshake, learn from each result who gave it.
pub(super) fn result_meta(version: Option<&ProtocolVersion>) -> Option<MetaObject> {
    // This program's name and version: the same for everybody.
    static META: OnceLock<MetaObject> = OnceLock::new();
    let meta = || {
        let info = serde_json::to_value(implementation()).expect("a struct of strings is JSON");
        MetaObject(JsonObject::from_iter([("io.modelcontextprotocol/serverInfo".to_owned(), info)]))
    };
    // ISO dates, so the order of the words is the order of time.
    version
        .filter(|v| v.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
        .map(|_| META.get_or_init(meta).clone())
}

/// How long clients may keep the lists, in milliseconds: they change with the program only.
pub(super) const LIST_TTL_MS: u64 = 300_000;

/// A list of `tools`.
pub(super) fn tool_list(tools: Vec<Tool>, version: Option<&ProtocolVersion>) -> ListToolsResult {
    let list = ListToolsResult::with_all_items(tools);
    let mut list = list.with_cache_scope(CacheScope::Private).with_ttl_ms(LIST_TTL_MS);
    list.meta = result_meta(version);
    list
}

/// The trace that a message says it is part of (SEP-414).
pub(super) fn trace_of(meta: &RequestMetaObject) -> Option<TraceContext> {
    meta.get_traceparent().and_then(TraceContext::parse)
}

/// The `_meta` of an answer: as [`result_meta`], and the span that served the request, for clients that know of either.
pub(super) fn answer_meta(
    version: Option<&ProtocolVersion>,
    asked: &RequestMetaObject,
    request: RequestId,
) -> Option<MetaObject> {
    let mut meta = result_meta(version);
    if meta.is_some() || trace_of(asked).is_some() {
        meta.get_or_insert_default().set_traceparent(request.trace().to_string());
    }
    meta
}

/// The result of a tool call: the tool's own object, structured and as text, or the error envelope, as text alone. Clients
/// hold what is structured to the tool's output schema, also where the call failed, and an envelope is not what it promises.
pub(super) fn tool_result(answer: Answer) -> CallToolResult {
    match answer.result {
        Ok(value) => CallToolResult::structured(value),
        Err(error) => {
            let envelope = envelope(&error, answer.request_id);
            CallToolResult::error(vec![ContentBlock::text(envelope.to_string())])
        }
    }
}

/// The result of reading a resource: the tool's object as JSON text. A failure is a protocol error, as MCP has no other.
pub(super) fn resource_result(uri: &str, answer: Answer) -> Result<ReadResourceResult, ErrorData> {
    match answer.result {
        Ok(value) => {
            let contents = ResourceContents::text(value.to_string(), uri).with_mime_type("application/json");
            Ok(ReadResourceResult::new(vec![contents]))
        }
        Err(error) if error.code() == ErrorCode::NotFound => Err(resource_not_found(uri)),
        Err(error) => Err(failure(&error, answer.request_id)),
    }
}

/// A failure where MCP has no result for one.
pub(super) fn failure(error: &ToolError, request_id: RequestId) -> ErrorData {
    let (message, data) = (error.to_string(), Some(envelope(error, request_id)));
    match error.code() {
        ErrorCode::InvalidInput => ErrorData::invalid_params(message, data),
        _ => ErrorData::internal_error(message, data),
    }
}

/// No such resource, or none that this caller may know of: the same answer.
pub(super) fn resource_not_found(uri: &str) -> ErrorData {
    ErrorData::resource_not_found("resource not found", Some(json!({ "uri": uri })))
}

/// No such tool. The name comes from the caller, so it is cut to a length that can be read.
pub(super) fn unknown_tool(name: &str) -> ErrorData {
    let name: String = name.chars().take(64).collect();
    ErrorData::invalid_params(format!("unknown tool `{name}`: `tools/list` gives the names"), None)
}

/// What is wrong with bytes that are no message: JSON-RPC's code, and words.
pub(super) fn malformed(bytes: &[u8]) -> (i32, &'static str) {
    match serde_json::from_slice::<Value>(bytes) {
        Err(_) => (-32700, "parse error: this is not JSON"),
        Ok(Value::Array(_)) => {
            (-32600, "invalid request: batches are not supported, send one message at a time")
        }
        Ok(_) => (-32600, "invalid request: this is not a JSON-RPC 2.0 message"),
    }
}

/// What a caller learns of a failure. The operator's detail is not in it.
pub(super) fn envelope(error: &ToolError, request_id: RequestId) -> Value {
    let mut about = json!({
        "code": error.code().as_str(),
        "message": error.message(),
        "request_id": request_id.to_string(),
    });
    if let Some(hint) = error.hint() {
        about["hint"] = hint.into();
    }
    json!({ "success": false, "error": about })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operators_detail_stays_with_the_operator() {
        let error = ToolError::internal("disk /srv/3 is full");
        let answer = Answer { request_id: RequestId::new(), result: Err(error) };
        let result = serde_json::to_string(&tool_result(answer)).expect("JSON");
        assert!(result.contains("internal") && !result.contains("disk"), "{result}");
    }

    #[test]
    fn a_hint_is_there_only_if_there_is_one() {
        let id = RequestId::new();
        let without = envelope(&ToolError::not_found("no"), id);
        assert_eq!(
            without,
            json!({"success": false, "error": {"code": "not_found", "message": "no", "request_id": id.to_string()}})
        );
        let with = envelope(&ToolError::not_found("no").with_hint("look"), id);
        assert_eq!(with["error"]["hint"], "look");
    }
}
