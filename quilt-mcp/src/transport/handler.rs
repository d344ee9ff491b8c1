//! What rmcp asks of a server, written by hand: the macros rebuild the tool table on every call and mark lists as public.

use std::sync::Arc;

use http::request::Parts;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CompleteRequestMethod, CompleteRequestParams,
    CompleteResult, CustomRequest, CustomResult, ErrorCode, GetPromptRequestMethod, GetPromptRequestParams,
    GetPromptResponse, ListPromptsRequestMethod, ListPromptsResult, ListResourceTemplatesRequestMethod,
    ListResourceTemplatesResult, ListResourcesRequestMethod, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ReadResourceRequestMethod, ReadResourceRequestParams, ReadResourceResponse,
    ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Map, Value};

use super::calls::Answer;
use super::protocol::{LIST_TTL_MS, Offers};
use super::{Authenticated, Server, completion, progress, protocol};
use crate::domain::request::RequestId;

/// One server as rmcp sees it. Cheap to clone; rmcp does so for every request.
#[derive(Clone)]
pub(super) struct Handler {
    server: Server,
    caller: Caller,
}

/// Who asks.
#[derive(Clone)]
pub(super) enum Caller {
    /// The one person on the other end of the pipe.
    OfThisProcess(Arc<Authenticated>),
    /// Whoever the HTTP request that carries the message was authenticated as, even within a session.
    OfEachRequest,
}

impl Handler {
    pub(super) fn new(server: Server, caller: Caller) -> Self {
        Self { server, caller }
    }

    fn caller(&self, cx: &RequestContext<RoleServer>) -> Result<Arc<Authenticated>, ErrorData> {
        match &self.caller {
            Caller::OfThisProcess(identity) => Ok(Arc::clone(identity)),
            Caller::OfEachRequest => cx
                .extensions
                .get::<Parts>()
                .and_then(|parts| parts.extensions.get::<Arc<Authenticated>>())
                .cloned()
                .ok_or_else(|| {
                    tracing::error!("a request came to its handler without an identity");
                    ErrorData::internal_error("the request carries no identity", None)
                }),
        }
    }

    /// The name that the HTTP layer gave the request, or a new one; in the trace that the message names, or else its head.
    fn request_id(cx: &RequestContext<RoleServer>) -> RequestId {
        let named = cx.extensions.get::<Parts>().and_then(|parts| parts.extensions.get::<RequestId>());
        named.copied().unwrap_or_else(RequestId::new).within(protocol::trace_of(&cx.meta))
    }

    async fn answer(
        &self,
        tool: String,
        arguments: Map<String, Value>,
        cx: &RequestContext<RoleServer>,
    ) -> Result<Answer, ErrorData> {
        let (caller, request_id) = (self.caller(cx)?, Self::request_id(cx));
        Ok(progress::relay(&cx.peer, cx.meta.get_progress_token(), |progress| {
            self.server.answer(&caller, request_id, tool, arguments, progress, &cx.ct)
        })
        .await)
    }

    /// What `write` makes of `answer`.
    async fn written<T: Send + 'static>(
        &self,
        answer: Answer,
        cx: &RequestContext<RoleServer>,
        write: impl FnOnce(Answer) -> T + Send + 'static,
    ) -> Result<T, ErrorData> {
        let (caller, request_id) = (self.caller(cx)?, answer.request_id);
        let written = self.server.written(&caller.principal, answer, write).await;
        written.map_err(|error| protocol::failure(&error, request_id))
    }

    /// Completes an argument, in a scope and with the rights of who asks.
    async fn completions(
        &self,
        arguments: Map<String, Value>,
        cx: &RequestContext<RoleServer>,
    ) -> Result<Answer, ErrorData> {
        match &self.server.completer {
            Some(tool) => self.answer(tool.to_string(), arguments, cx).await,
            None => Err(ErrorData::method_not_found::<CompleteRequestMethod>()),
        }
    }

    fn declares_resources(&self) -> bool {
        self.server.catalogue.has_resources()
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        protocol::server_config(Offers {
            resources: self.declares_resources(),
            prompts: !self.server.prompts.is_empty(),
            completions: self.server.completer.is_some(),
        })
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        first_page(request)?;
        let tools = self.server.catalogue.tools().to_vec();
        Ok(protocol::tool_list(tools, cx.protocol_version().as_ref()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.server.catalogue.tool(name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if self.server.catalogue.tool(&request.name).is_none() {
            return Err(protocol::unknown_tool(&request.name));
        }
        let arguments = request.arguments.unwrap_or_default();
        let answer = self.answer(request.name.into_owned(), arguments, &cx).await?;
        let meta = protocol::answer_meta(cx.protocol_version().as_ref(), &cx.meta, answer.request_id);
        Ok(self.written(answer, &cx, protocol::tool_result).await?.with_meta(meta).into())
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        if !self.declares_resources() {
            return Err(ErrorData::method_not_found::<ListResourcesRequestMethod>());
        }
        first_page(request)?;
        let mut result = ListResourcesResult::with_all_items(self.server.catalogue.resources().to_vec())
            .with_cache_scope(CacheScope::Private)
            .with_ttl_ms(LIST_TTL_MS);
        result.meta = protocol::result_meta(cx.protocol_version().as_ref());
        Ok(result)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        if !self.declares_resources() {
            return Err(ErrorData::method_not_found::<ListResourceTemplatesRequestMethod>());
        }
        first_page(request)?;
        let mut result =
            ListResourceTemplatesResult::with_all_items(self.server.catalogue.templates().to_vec())
                .with_cache_scope(CacheScope::Private)
                .with_ttl_ms(LIST_TTL_MS);
        result.meta = protocol::result_meta(cx.protocol_version().as_ref());
        Ok(result)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        if !self.declares_resources() {
            return Err(ErrorData::method_not_found::<ReadResourceRequestMethod>());
        }
        let Some((tool, arguments)) = self.server.catalogue.reading(&request.uri) else {
            return Err(protocol::resource_not_found(&request.uri));
        };
        let answer = self.answer(tool, arguments, &cx).await?;
        let meta = protocol::answer_meta(cx.protocol_version().as_ref(), &cx.meta, answer.request_id);
        let uri = request.uri;
        let mut result = self
            .written(answer, &cx, move |answer| protocol::resource_result(&uri, answer))
            .await??
            .with_cache_scope(CacheScope::Private)
            .with_ttl_ms(0);
        result.meta = meta;
        Ok(result.into())
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        // rmcp would answer with an empty list, as if prompts were declared.
        if self.server.prompts.is_empty() {
            return Err(ErrorData::method_not_found::<ListPromptsRequestMethod>());
        }
        first_page(request)?;
        let mut result = ListPromptsResult::with_all_items(self.server.prompts.list().to_vec())
            .with_cache_scope(CacheScope::Private)
            .with_ttl_ms(LIST_TTL_MS);
        result.meta = protocol::result_meta(cx.protocol_version().as_ref());
        Ok(result)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        if self.server.prompts.is_empty() {
            return Err(ErrorData::method_not_found::<GetPromptRequestMethod>());
        }
        // A text is nobody's, but who asks must be somebody.
        self.caller(&cx)?;
        let mut result = self.server.prompts.filled(&request.name, request.arguments.unwrap_or_default())?;
        result.meta = protocol::result_meta(cx.protocol_version().as_ref());
        Ok(result.into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let mut result = match completion::arguments(&self.server, request)? {
            Some(arguments) => completion::result(self.completions(arguments, &cx).await?)?,
            None => CompleteResult::default(),
        };
        result.meta = protocol::result_meta(cx.protocol_version().as_ref());
        Ok(result)
    }

    /// A known method lands here if its parameters do not have the method's shape.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        const KNOWN: &[&str] = &["tools/call", "resources/read", "prompts/get", "completion/complete"];
        if KNOWN.contains(&request.method.as_str()) {
            let message = format!("the parameters of `{}` do not have its shape", request.method);
            return Err(ErrorData::invalid_params(message, None));
        }
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, request.method, None))
    }
}

/// All lists are one page, so no cursor was ever given out.
fn first_page(request: Option<PaginatedRequestParams>) -> Result<(), ErrorData> {
    match request.and_then(|request| request.cursor) {
        None => Ok(()),
        Some(_) => Err(ErrorData::invalid_params("unknown cursor: lists are one page", None)),
    }
}
