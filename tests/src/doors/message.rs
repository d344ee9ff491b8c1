//! A message to the server, by somebody with a good token.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderValue, Request};
use quilt_mcp::client::{AwsEndpoints, CallerCredentials, CredentialSource};
use quilt_mcp::config::Door as Listening;
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::domain::request::RequestId;
use quilt_mcp::error::{ErrorCode, ToolError};
use quilt_mcp::server::{self, Layers};
use quilt_mcp::transport::{Backend, Server, http as http_door};
use quilt_scope::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{AUDIENCE, ISSUER, ONE_ISSUER, ROLE, SECRET, multi_tenant};
use crate::Result;
use crate::files::in_memory;
use crate::token::{TokenMint, now};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 16 << 20;
/// Where a message of the newest protocol says so.
const VERSION: &str = "/params/_meta/io.modelcontextprotocol~1protocolVersion";

/// The whole server, with nobody behind it: whatever needs AWS ends at the caller's credentials.
pub struct MessageDoor {
    runtime: Runtime,
    service: Router,
    mint: TokenMint,
    _files: TempDir,
}

/// Has none for anybody.
struct NoCredentials;

impl CredentialSource for NoCredentials {
    fn credentials<'a>(
        &'a self,
        _: &'a Principal,
        _: &'a Grant,
        _: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async { Err(ToolError::new(ErrorCode::CredentialsUnavailable, "there is no AWS here")) })
    }
}

impl MessageDoor {
    /// Ready to be tried.
    ///
    /// # Errors
    /// If there is no runtime, or the server does not start.
    pub fn open() -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let files = in_memory()?;
        let data = files.path().join("data");
        let own = [
            ("QUILT_MCP_DATA_DIR", data.to_str().ok_or("a temporary name is text")?),
            ("QUILT_MCP_DOCS_URL", "off"),
            ("QUILT_MCP_ADMIN_LISTEN", "off"),
            ("QUILT_MCP_RATE_LIMIT", "0"),
            ("QUILT_MCP_TENANT_RATE_LIMIT", "0"),
        ];
        let config = multi_tenant(&[&ONE_ISSUER[..], &own[..]].concat())?;
        let inside = runtime.enter();
        // Nobody listens on port 1 of loopback, and nobody has credentials to ask there.
        let aws = AwsEndpoints::at("http://127.0.0.1:1", "us-east-1");
        let app = server::app_over(&config, aws, Box::new(NoCredentials))?;
        let layers = Arc::new(Layers::over(app, config.deployment));
        let authenticate = layers.doorkeeper();
        let server = Server::new(layers as Arc<dyn Backend>, config.limits.into())?;
        let Listening::Http(http) = config.door else { return Err("it is asked over HTTP".into()) };
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let service =
            http_door::service(&server, loopback, &http.into(), authenticate, CancellationToken::new())?;
        drop(inside);
        let mint = TokenMint::with_secret(ISSUER, AUDIENCE, SECRET);
        Ok(Self { runtime, service, mint, _files: files })
    }

    /// Sends the bytes as the body of a request. Where they say that they are of the newest protocol, with the headers
    /// that it wants.
    ///
    /// # Panics
    /// If the server fails rather than answers, or answers what is no JSON.
    pub fn knock(&self, bytes: &[u8]) {
        let request = self.request(bytes);
        let (status, body) = self.runtime.block_on(async {
            let response = self.service.clone().oneshot(request).await.expect("the service never fails");
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, LONGEST).await.expect("an answer in this process is whole");
            (parts.status, body)
        });
        let shown = String::from_utf8_lossy(&body);
        assert!(!status.is_server_error(), "{status}: {shown}");
        // What the caller is told of a panic, and of everything else that nobody thought of.
        assert!(!shown.replace('\\', "").contains("\"code\":\"internal\""), "{shown}");
        for line in shown.lines() {
            let Some(data) = line.strip_prefix("data: ").or_else(|| line.strip_prefix('{').map(|_| line))
            else {
                continue;
            };
            let message: Value = serde_json::from_str(data).expect("an answer is JSON");
            assert_eq!(message["jsonrpc"], "2.0", "{message}");
        }
    }

    fn request(&self, bytes: &[u8]) -> Request<Body> {
        let mut request = Request::post("/mcp")
            .header("host", "127.0.0.1")
            .header("authorization", format!("Bearer {}", self.token()))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        let message: Value = serde_json::from_slice(bytes).unwrap_or_default();
        if let Some(version) = message.pointer(VERSION).and_then(Value::as_str) {
            let name = ["name", "uri"].iter().find_map(|key| message["params"][key].as_str());
            let headers = [
                ("mcp-protocol-version", Some(version)),
                ("mcp-method", message["method"].as_str()),
                ("mcp-name", name),
            ];
            for (header, value) in headers {
                if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                    request = request.header(header, value);
                }
            }
        }
        request.body(Body::from(bytes.to_vec())).expect("all headers were checked")
    }

    fn token(&self) -> String {
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "tenant": "acme", "role_arn": ROLE, "exp": now() + 600,
        });
        let header = r#"{"alg":"HS256"}"#;
        self.mint.sign(header, &claims.to_string()).expect("a secret signs everything")
    }
}
