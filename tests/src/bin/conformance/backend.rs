//! The fixtures as the transport sees them: a scope for each call, as in the server.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use quilt_mcp::error::{ErrorCode, ToolError};
use quilt_mcp::transport::{Backend, Call, Hints, ResourceListing, ToolListing};
use quilt_scope::{End, ToolSet, run};
use serde_json::Value;

use crate::scope::{App, RequestScope};
use crate::tools;

/// Resources: their URI, and the tool that gives the content.
const RESOURCES: [(&str, &str); 2] =
    [("test://static-text", "static_text"), ("test://template/{id}/data", "template_data")];

pub(crate) struct Fixtures {
    app: App,
    tools: ToolSet<RequestScope<'static>>,
}

impl Default for Fixtures {
    fn default() -> Self {
        Self { app: App::open(), tools: tools::table() }
    }
}

impl Fixtures {
    async fn answer(&self, call: Call) -> Result<Value, ToolError> {
        let scope = RequestScope::open(&self.app, call.progress);
        let body = self
            .tools
            .call(&call.tool, &scope, call.arguments)
            .ok_or_else(|| ToolError::not_found(format!("there is no tool `{}`", call.tool)))?;
        match run(&scope, body, call.cancel.cancelled()).await {
            End::Finished(result) => result.map_err(|error| ToolError::invalid_input(error.to_string())),
            End::Stopped => Err(ToolError::new(ErrorCode::Cancelled, "the call was cancelled")),
            End::Panicked(_) => Err(ToolError::internal("a fixture panicked")),
        }
    }
}

impl Backend for Fixtures {
    fn tools(&self) -> Vec<ToolListing> {
        let listing = |tool: &quilt_scope::Descriptor| ToolListing {
            name: tool.name.to_owned(),
            title: Some(tool.title.clone()),
            description: tool.description.clone(),
            input_schema: tool.input_schema.clone(),
            output_schema: Some(tool.output_schema.clone()),
            hints: Hints { read_only: tool.hints.read_only, ..Hints::default() },
        };
        self.tools.descriptors().map(listing).collect()
    }

    fn resources(&self) -> Vec<ResourceListing> {
        let listing = |(uri, tool): (&str, &str)| ResourceListing {
            uri: uri.to_owned(),
            name: tool.to_owned(),
            description: format!("Fixture of the conformance suite: {tool}"),
            tool: tool.to_owned(),
        };
        RESOURCES.map(listing).into()
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Value, ToolError>> {
        self.answer(call).boxed()
    }
}
