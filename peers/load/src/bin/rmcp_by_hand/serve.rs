//! How both programs on rmcp are served: over HTTP on loopback, and no more of rmcp's offers than they need.

use std::error::Error;
use std::sync::Arc;

use axum::serve::ListenerExt as _;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

/// On `port` until the process ends, with sessions or without.
pub(crate) async fn serve<H>(
    handler: H,
    port: u16,
    sessions: bool,
) -> Result<(), Box<dyn Error + Send + Sync>>
where
    H: ServerHandler + Clone,
{
    let mut config = StreamableHttpServerConfig::default();
    config.legacy_session_mode = sessions;
    config.json_response = true;
    let new = move || Ok(handler.clone());
    let service = StreamableHttpService::new(new, Arc::new(LocalSessionManager::default()), config);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await?;
    Ok(())
}
