//! The least that rmcp can be: one tool, a handler written by hand, no identity, no logs, no figures.
//! `minimal-rmcp PORT [sessions]`.

use std::error::Error;
use std::sync::Arc;

use axum::serve::ListenerExt as _;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, JsonObject, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::json;

#[derive(Clone)]
struct Minimal(Arc<Tool>);

impl ServerHandler for Minimal {
    fn get_info(&self) -> ServerConfig {
        let mut capabilities = ServerCapabilities::default();
        capabilities.tools = Some(Default::default());
        ServerConfig::new(capabilities)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(vec![(*self.0).clone()]))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        (name == self.0.name).then(|| (*self.0).clone())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let text = |name: &str| {
            let value = request.arguments.as_ref().and_then(|all| all.get(name)?.as_str());
            value.ok_or_else(|| ErrorData::invalid_params(format!("`{name}` is missing"), None))
        };
        let (bucket, package, host) = (text("registry")?, text("package_name")?, text("catalog_host")?);
        Ok(CallToolResult::structured(json!({
            "success": true,
            "quilt_plus_uri": format!("quilt+s3://{bucket}#package={package}&catalog={host}"),
            "bucket": bucket,
            "package_name": package,
            "catalog_host": host,
        }))
        .into())
    }
}

fn tool() -> Tool {
    let text = json!({"type": "string"});
    let schema = json!({
        "type": "object",
        "properties": {"registry": text, "package_name": text, "catalog_host": text},
        "required": ["registry", "package_name", "catalog_host"],
    });
    let schema: JsonObject = schema.as_object().cloned().unwrap_or_default();
    Tool::new("catalog_uri", "Make a Quilt+ URI.", schema)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let port: u16 = arguments.get(1).ok_or("minimal-rmcp PORT [sessions]")?.parse()?;
    let sessions = arguments.get(2).is_some_and(|word| word == "sessions");
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let mut config = StreamableHttpServerConfig::default();
        config.legacy_session_mode = sessions;
        config.json_response = true;
        let server = Minimal(Arc::new(tool()));
        let service = StreamableHttpService::new(
            move || Ok(server.clone()),
            Arc::new(LocalSessionManager::default()),
            config,
        );
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await?;
        Ok(())
    })
}
