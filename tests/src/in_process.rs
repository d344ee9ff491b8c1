//! The server's HTTP service in this process, with nobody behind it: whatever needs AWS ends at the caller's credentials.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Router;
use quilt_mcp::client::{AwsEndpoints, CallerCredentials, CredentialSource};
use quilt_mcp::config::{Deployment, Door, Trust};
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::domain::request::RequestId;
use quilt_mcp::error::{ErrorCode, ToolError};
use quilt_mcp::server::{self, Layers};
use quilt_mcp::transport::{Authenticate, Backend, Server, http as http_door};
use quilt_scope::BoxFuture;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use crate::Result;
use crate::doors::{AUDIENCE, ISSUER, ONE_ISSUER, ROLE, SECRET, multi_tenant};
use crate::files::in_memory;
use crate::token::{TokenMint, now};

/// A server, and the one thread that it runs on.
pub struct InProcess {
    /// Of one thread: what is asked for in it is done in it.
    pub runtime: Runtime,
    /// What the server offers over HTTP.
    pub service: Router,
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

impl InProcess {
    /// Ready to be asked. `door` gets what decides who asks, and answers with what is used instead.
    ///
    /// # Errors
    /// If there is no runtime, or the server does not start.
    pub fn open(door: impl FnOnce(Arc<dyn Authenticate>) -> Arc<dyn Authenticate>) -> Result<Self> {
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
        let authenticate = door(layers.doorkeeper());
        let server = Server::new(layers as Arc<dyn Backend>, config.limits.into())?;
        let Door::Http(http) = config.door else { return Err("it is asked over HTTP".into()) };
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let service =
            http_door::service(&server, loopback, &http.into(), authenticate, CancellationToken::new())?;
        drop(inside);
        Ok(Self { runtime, service, _files: files })
    }
}

/// Whom that server believes.
///
/// # Errors
/// If the server refuses the configuration.
pub fn trust() -> Result<Trust> {
    match multi_tenant(&ONE_ISSUER)?.deployment {
        Deployment::MultiTenant(trust) => Ok(trust),
        Deployment::SingleUser { .. } => Err("it is for many".into()),
    }
}

/// A good token for a server whose one issuer has a secret, such as [`InProcess`].
///
/// # Panics
/// Never: a secret signs everything.
pub fn good_token() -> String {
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "tenant": "acme", "role_arn": ROLE, "exp": now() + 600,
    });
    let mint = TokenMint::with_secret(ISSUER, AUDIENCE, SECRET);
    mint.sign(r#"{"alg":"HS256"}"#, &claims.to_string()).expect("a secret signs everything")
}
