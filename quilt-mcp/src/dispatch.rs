//! Opens a scope for each call, runs the tool in it, closes it.

use quilt_scope::{CallError, End, Graph, Scope as _, ScopeError, ToolSet, Watch, run};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::app::App;
use crate::domain::principal::{Grant, Principal};
use crate::domain::request::{Progress, RequestId};
use crate::error::{ErrorCode, ToolError};
use crate::scope::RequestScope;
use crate::tools;

/// One call of one caller.
#[derive(Debug)]
pub struct Call {
    /// Who asks.
    pub principal: Principal,
    /// With what authority.
    pub grant: Grant,
    /// The request's name in logs, in answers about faults, and at AWS.
    pub request_id: RequestId,
    /// The tool's name; or that of one of [`tools::unlisted`], which no client can call as a tool.
    pub tool: String,
    /// The tool's arguments, unchecked.
    pub arguments: Map<String, Value>,
    /// Stops the tool. Its scope is closed all the same.
    pub cancel: CancellationToken,
    /// Where long work says how far it is.
    pub progress: Progress,
}

/// The tools, and what they share.
#[derive(Debug)]
pub struct Dispatch {
    app: App,
    tools: ToolSet<RequestScope<'static>>,
    unlisted: ToolSet<RequestScope<'static>>,
}

impl Dispatch {
    /// All tools over `app`.
    pub fn new(app: App) -> Self {
        let tools = tools::table(app.deployment);
        Self { app, tools, unlisted: tools::unlisted() }
    }

    /// What all callers share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The table of tools.
    pub fn tools(&self) -> &ToolSet<RequestScope<'static>> {
        &self.tools
    }

    /// The services of a request and where each comes from.
    pub fn graph() -> &'static Graph {
        RequestScope::<'static>::GRAPH
    }

    /// Answers one call in a scope of its own.
    ///
    /// Poll it to its end, in a task of its own, and stop it by `call.cancel`: then the services tidy up also when the
    /// call is cancelled or panics. Dropped instead, it is counted as abandoned.
    ///
    /// # Errors
    ///
    /// What the tool or one of its services failed with; `invalid_input` for arguments that do not fit, before anything
    /// is built; `not_found` for an unknown tool; `cancelled`; `internal` for a panic.
    pub async fn serve(&self, call: Call) -> Result<Value, ToolError> {
        let span = tracing::debug_span!(target: "quilt_mcp", "scope", otel.kind = "internal");
        self.in_a_scope(call).instrument(span).await
    }

    async fn in_a_scope(&self, call: Call) -> Result<Value, ToolError> {
        // In this order, so that the scope goes first and is counted when it is gone.
        let _open = self.app.metrics.scope_opened();
        let watch = Watch::open(&*self.app.metrics, Self::graph().scope);
        let scope =
            RequestScope::open(&self.app, &watch, call.principal, call.grant, call.request_id, call.progress);
        let set = if self.unlisted.descriptor(&call.tool).is_some() { &self.unlisted } else { &self.tools };
        let body = set
            .call(&call.tool, &scope, call.arguments)
            .ok_or_else(|| ToolError::not_found(format!("there is no tool `{}`", call.tool)))?;
        match run(&scope, body, call.cancel.cancelled()).await {
            End::Finished(result) => result.map_err(|error| tool_error(error, &call.tool)),
            End::Stopped => Err(ToolError::new(ErrorCode::Cancelled, "the call was cancelled")),
            End::Panicked(_) => Err(ToolError::internal(format!("tool `{}` panicked", call.tool))),
        }
    }
}

/// The one error that callers see, whichever layer it comes from.
fn tool_error(error: CallError, tool: &str) -> ToolError {
    match error {
        CallError::Arguments(error) => ToolError::invalid_input(error.to_string())
            .with_hint(format!("see the input schema of `{tool}` in tools/list")),
        CallError::Scope(error) => service_error(error),
        CallError::Tool(error) => own(error),
        error => ToolError::internal(error),
    }
}

fn service_error(error: ScopeError) -> ToolError {
    own(error.into_source())
}

/// The `ToolError` in the box, or else a fault of ours.
fn own(error: quilt_scope::BoxError) -> ToolError {
    match error.downcast::<ToolError>() {
        Ok(error) => *error,
        Err(other) => ToolError::internal(other),
    }
}
