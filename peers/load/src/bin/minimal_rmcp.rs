//! The least that rmcp can be: one tool, a handler written by hand, no identity, no logs, no figures.
//! `minimal-rmcp PORT [stateless|sessions] [TOOLS]`. `TOOLS` is a file with the tools to list instead, as JSON: they cannot be called.

#[path = "rmcp_by_hand/serve.rs"]
mod serve;

use std::error::Error;

use rmcp::ErrorData;
use rmcp::model::{CallToolRequestParams, CallToolResult, JsonObject, Tool};
use serde_json::json;

#[derive(Clone)]
struct Minimal;

impl serve::Calls for Minimal {
    async fn call(&self, request: CallToolRequestParams) -> Result<CallToolResult, ErrorData> {
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
        })))
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

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = std::env::args().collect();
    let port = arguments.get(1).ok_or("minimal-rmcp PORT [stateless|sessions] [TOOLS]")?.parse()?;
    let sessions = arguments.get(2).is_some_and(|word| word == "sessions");
    let tools = match arguments.get(3) {
        Some(file) => serde_json::from_slice(&std::fs::read(file)?)?,
        None => vec![tool()],
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve::serve(tools, Minimal, port, sessions))
}
