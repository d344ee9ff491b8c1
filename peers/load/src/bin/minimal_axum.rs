//! The floor: the same answer from axum and serde_json, without an SDK. It looks at nothing that MCP says it must.
//! `minimal-axum PORT`.

use std::error::Error;

use axum::Json;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use serde_json::{Value, json};

async fn call(Json(message): Json<Value>) -> Json<Value> {
    let arguments = &message["params"]["arguments"];
    let text = |name: &str| arguments[name].as_str().unwrap_or_default();
    let (bucket, package, host) = (text("registry"), text("package_name"), text("catalog_host"));
    let content = json!({
        "success": true,
        "quilt_plus_uri": format!("quilt+s3://{bucket}#package={package}&catalog={host}"),
        "bucket": bucket,
        "package_name": package,
        "catalog_host": host,
    });
    let text = json!({"type": "text", "text": content.to_string()});
    let result = json!({"content": [text], "structuredContent": content, "isError": false});
    Json(json!({"jsonrpc": "2.0", "id": message["id"], "result": result}))
}

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("minimal-axum PORT")?.parse()?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        axum::serve(listener, axum::Router::new().route("/mcp", post(call))).await?;
        Ok(())
    })
}
