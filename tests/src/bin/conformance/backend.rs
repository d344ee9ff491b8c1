//! The fixtures as the transport sees them: a scope for each call, as in the server.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use quilt_mcp::error::{ErrorCode, ToolError};
use quilt_mcp::transport::{Backend, Call, PromptListing, ResourceListing};
use quilt_scope::{Descriptor, End, ToolSet, run};
use serde_json::{Map, Value};

use crate::scope::{App, RequestScope};
use crate::{prompts, tools};

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
    fn tools(&self) -> Vec<Descriptor> {
        self.tools.descriptors().cloned().collect()
    }

    fn resources(&self) -> Vec<ResourceListing> {
        let listing = |(uri, tool): (&str, &str)| ResourceListing {
            uri: uri.to_owned(),
            name: tool.to_owned(),
            description: format!("Fixture of the conformance suite: {tool}"),
            tool: tool.to_owned(),
            uri_argument: None,
            fixed: Map::new(),
            completed: BTreeMap::new(),
        };
        RESOURCES.map(listing).into()
    }

    fn prompts(&self) -> Vec<PromptListing> {
        prompts::listings()
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Value, ToolError>> {
        self.answer(call).boxed()
    }
}
