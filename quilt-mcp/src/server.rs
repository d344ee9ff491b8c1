//! Puts the layers together and runs them.

mod listeners;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use http::HeaderMap;
use quilt_scope::{BoxFuture, Descriptor};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::client::ambient::AmbientSource;
use crate::client::sts::AssumeRoleSource;
use crate::client::{AwsEndpoints, CallerCredentials, CredentialSource};
use crate::config::{self, Config, ConfigError, Door, HttpConfig};
use crate::dispatch::{Call, Dispatch};
use crate::domain::deployment::Deployment;
use crate::domain::principal::{Grant, Principal};
use crate::domain::request::RequestId;
use crate::error::{ErrorCode, ToolError};
use crate::identity::{Authenticated, Identity};
use crate::service::permission::AwsRightsProbe;
use crate::store::SqliteStore;
use crate::telemetry::Metrics;
use crate::telemetry::metrics::{CallOutcome, ExchangeOutcome};
use crate::tools::{self, resources::RESOURCES};
use crate::transport::admin::{Admin, Vitals};
use crate::transport::drain::Drained;
use crate::transport::http::{self as http_door, HttpOptions, SessionLimits};
use crate::transport::{AuthFailure, Authenticate, Backend, Limits, Outcome, ResourceListing, Server, stdio};

pub use self::listeners::Listeners;

/// Why the server does not start, or stopped otherwise than asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerError {
    /// The configuration is wrong.
    Config(ConfigError),
    /// Something that the server stands on cannot be used: the store, AWS's configuration.
    Start(ToolError),
    /// A listener cannot be opened, or broke.
    Io(io::Error),
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Start(error) => match (error.detail(), error.hint()) {
                (detail, Some(hint)) => write!(f, "{}; {hint}{}", error.message(), Detail(detail)),
                (detail, None) => write!(f, "{}{}", error.message(), Detail(detail)),
            },
            Self::Io(error) => error.fmt(f),
        }
    }
}

/// The operator reads this, so the detail is shown.
struct Detail<'a>(Option<&'a str>);

impl fmt::Display for Detail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |detail| write!(f, " ({detail})"))
    }
}

impl std::error::Error for ServerError {}

impl From<ConfigError> for ServerError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<ToolError> for ServerError {
    fn from(error: ToolError) -> Self {
        Self::Start(error)
    }
}

impl From<io::Error> for ServerError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What all callers share, as the configuration and the AWS settings of this process say.
///
/// # Errors
///
/// The store cannot be opened, or the AWS settings are unsafe.
pub async fn app(config: &Config) -> Result<App, ServerError> {
    let aws = AwsEndpoints::from_environment().await?;
    let credentials: Box<dyn CredentialSource> = match &config.deployment {
        config::Deployment::SingleUser { .. } => Box::new(AmbientSource::from_environment(&aws).await),
        config::Deployment::MultiTenant(_) => Box::new(AssumeRoleSource::from_environment(&aws).await),
    };
    app_over(config, aws, credentials)
}

/// As [`app`], but with AWS where, and credentials from whom, the caller says: for the demo and for tests.
///
/// # Errors
///
/// The store cannot be opened.
pub fn app_over(
    config: &Config,
    aws: AwsEndpoints,
    credentials: Box<dyn CredentialSource>,
) -> Result<App, ServerError> {
    let metrics = Arc::new(Metrics::new(&tool_names(), &service_names()));
    Ok(App::open(
        deployment(&config.deployment),
        aws,
        Box::new(CountedSource { source: credentials, metrics: Arc::clone(&metrics) }),
        Box::new(AwsRightsProbe),
        Box::new(SqliteStore::open(&config.store.data_dir)?),
        metrics,
    ))
}

fn deployment(config: &config::Deployment) -> Deployment {
    match config {
        config::Deployment::SingleUser { .. } => Deployment::SingleUser,
        config::Deployment::MultiTenant(_) => Deployment::MultiTenant,
    }
}

fn tool_names() -> Vec<&'static str> {
    tools::table().descriptors().map(|tool| tool.name).collect()
}

fn service_names() -> Vec<&'static str> {
    Dispatch::graph().slots.iter().map(|node| node.service.name).collect()
}

/// Serves `app` as `config` says, until `shutdown` fires or the client of a pipe goes away; then drains.
///
/// # Errors
///
/// A listener cannot be opened, or the first message on a pipe is not MCP.
pub async fn serve(config: Config, app: App, shutdown: CancellationToken) -> Result<Drained, ServerError> {
    let listeners = Listeners::open(&config).await?;
    serve_on(config, app, listeners, shutdown).await
}

/// As [`serve`], on listeners that are open already.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_on(
    config: Config,
    app: App,
    listeners: Listeners,
    shutdown: CancellationToken,
) -> Result<Drained, ServerError> {
    announce(&config, &app, &listeners);
    let Config { deployment, door, limits, .. } = config;
    let layers = Arc::new(Layers { dispatch: Dispatch::new(app) });
    let identity = Identity::new(deployment);
    let server = Server::new(Arc::clone(&layers) as Arc<dyn Backend>, limits.into())
        .map_err(|error| ToolError::internal(error.to_string()))?;

    let door = match (door, listeners.mcp) {
        (Door::Http(http), Some(listener)) => {
            let authenticate =
                Arc::new(Doorkeeper { identity, metrics: Arc::clone(&layers.dispatch.app().metrics) });
            let (server, shutdown) = (server.clone(), shutdown.clone());
            async move { http_door::serve(&server, listener, &http.into(), authenticate, shutdown).await }
                .boxed()
        }
        _ => {
            let (server, shutdown) = (server.clone(), shutdown.clone());
            async move { stdio::serve(&server, Authenticated::single_user(), shutdown).await }.boxed()
        }
    };
    let drained = match listeners.admin {
        Some(listener) => {
            let admin = Admin { listener, vitals: Arc::clone(&layers) as Arc<dyn Vitals> };
            admin.beside(shutdown, door).await??
        }
        None => door.await?,
    };
    // Nothing runs any more, so what is written is all there is: put it away in order.
    layers.dispatch.app().workflows.close().await;
    Ok(drained)
}

/// What an operator wants to know of a server that starts, in one line and without a secret.
fn announce(config: &Config, app: &App, listeners: &Listeners) {
    let shown = |address: Option<SocketAddr>, without: &str| {
        address.map_or_else(|| without.to_owned(), |address| address.to_string())
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        mode = match config.deployment {
            config::Deployment::SingleUser { .. } => "single-user",
            config::Deployment::MultiTenant(_) => "multi-tenant",
        },
        transport = match config.door {
            Door::Stdio => "stdio",
            Door::Http(_) => "http",
        },
        address = shown(listeners.mcp_address(), "standard input and output"),
        admin = shown(listeners.admin_address(), "off"),
        region = app.aws.region(),
        data_dir = %config.store.data_dir.display(),
        "starting"
    );
}

impl From<config::Limits> for Limits {
    fn from(limits: config::Limits) -> Self {
        Self {
            call_deadline: limits.call_timeout,
            calls_per_principal: limits.max_concurrent_calls,
            drain_deadline: limits.drain_deadline,
        }
    }
}

impl From<HttpConfig> for HttpOptions {
    fn from(http: HttpConfig) -> Self {
        Self {
            allowed_hosts: http.allowed_hosts,
            allowed_origins: http.allowed_origins,
            max_body: http.max_body_bytes,
            sessions: match http.sessions {
                config::Sessions::Off => None,
                config::Sessions::On { max, idle } => Some(SessionLimits::of_all(max, idle)),
            },
        }
    }
}

/// What the transport sees of the layers behind it.
struct Layers {
    dispatch: Dispatch,
}

impl Backend for Layers {
    fn tools(&self) -> Vec<Descriptor> {
        self.dispatch.tools().descriptors().cloned().collect()
    }

    fn resources(&self) -> Vec<ResourceListing> {
        let listing = |resource: &tools::resources::Resource| ResourceListing {
            uri: resource.uri.to_owned(),
            name: resource.name.to_owned(),
            description: resource.description.to_owned(),
            tool: resource.tool.to_owned(),
        };
        RESOURCES.iter().map(listing).collect()
    }

    fn call(&self, call: Call) -> futures_util::future::BoxFuture<'_, Result<Value, ToolError>> {
        self.dispatch.serve(call).boxed()
    }

    fn answered(&self, tool: &str, outcome: Outcome, took: Duration) {
        self.dispatch.app().metrics.call_finished(tool, counted_as(outcome), took);
    }
}

fn counted_as(outcome: Outcome) -> CallOutcome {
    match outcome {
        Outcome::Succeeded => CallOutcome::Ok,
        Outcome::Panicked | Outcome::Failed(ErrorCode::Internal) => CallOutcome::Fault,
        Outcome::Failed(ErrorCode::AccessDenied | ErrorCode::CredentialsUnavailable) => CallOutcome::Denied,
        Outcome::Failed(ErrorCode::Cancelled) => CallOutcome::Cancelled,
        Outcome::Failed(_) => CallOutcome::Failed,
    }
}

impl Vitals for Layers {
    fn ready(&self) -> futures_util::future::BoxFuture<'_, Result<(), String>> {
        async { self.dispatch.app().workflows.health().await.map_err(|error| error.to_string()) }.boxed()
    }

    fn metrics(&self) -> String {
        self.dispatch.app().metrics.encode()
    }
}

/// Asks `identity` who comes, and counts those it refuses.
struct Doorkeeper {
    identity: Identity,
    metrics: Arc<Metrics>,
}

impl Authenticate for Doorkeeper {
    fn authenticate(&self, headers: &HeaderMap) -> Result<Authenticated, AuthFailure> {
        self.identity.authenticate(headers).map_err(|reason| {
            self.metrics.auth_failed(reason);
            AuthFailure(reason.as_str().to_owned())
        })
    }
}

/// Counts the exchanges of another source.
struct CountedSource {
    source: Box<dyn CredentialSource>,
    metrics: Arc<Metrics>,
}

impl CredentialSource for CountedSource {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            let result = self.source.credentials(principal, grant, request).await;
            self.metrics.credential_exchange(match &result {
                Ok(_) => ExchangeOutcome::Ok,
                Err(error) if error.code() == ErrorCode::CredentialsUnavailable => ExchangeOutcome::Denied,
                Err(_) => ExchangeOutcome::Failed,
            });
            result
        })
    }
}
