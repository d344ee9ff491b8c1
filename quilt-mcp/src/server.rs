//! Puts the layers together and runs them.

mod counted;
mod error;
mod layers;
mod listeners;
mod passes;

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::client::ambient::AmbientSource;
use crate::client::by_grant::SourceByGrant;
use crate::client::docs::DocsClient;
use crate::client::fetch::HttpFetcher;
use crate::client::kept::KeptCredentials;
use crate::client::registry::RegistryWire;
use crate::client::registry::catalog::CatalogConfigs;
use crate::client::registry::credentials::RegistrySource;
use crate::client::reuse::ReusedSource;
use crate::client::sts::AssumeRoleSource;
use crate::client::{AwsEndpoints, CredentialSource, ProcessKeys};
use crate::config::{self, Config, Door, HttpConfig, Lives, Services};
use crate::dispatch::Dispatch;
use crate::domain::deployment::Deployment;
use crate::error::ToolError;
use crate::identity::Authenticated;
use crate::service::athena::{ByListing, Configured, DefaultWorkgroup, QueryRules};
use crate::service::catalog::Catalog;
use crate::service::docs::Docs;
use crate::service::permission::{AwsRightsProbe, RememberedRights, RightsProbe};
use crate::service::threads::ComputeThreads;
use crate::service::turns::TurnsByTenant;
use crate::store::{CatalogFile, MemoryStore, SqliteStore, WorkflowStore};
use crate::telemetry::Metrics;
use crate::tools;
use crate::transport::admin::{Admin, Vitals};
use crate::transport::drain::Drained;
use crate::transport::http::{
    self as http_door, ConnectionLimits, HttpOptions, ProtectedResource, Rates, SessionLimits,
};
use crate::transport::{Backend, Limits, Server, stdio};

pub use self::error::ServerError;
pub use self::layers::Layers;
pub use self::listeners::Listeners;

/// What all callers share, as the configuration and the AWS settings of this process say.
///
/// # Errors
///
/// The store cannot be opened, or the AWS settings are unsafe.
pub async fn app(config: &Config) -> Result<App, ServerError> {
    app_with_keys(config, None).await
}

/// As [`app`], with the process's own AWS keys if they are no longer in its environment.
///
/// # Errors
///
/// As [`app`].
pub async fn app_with_keys(config: &Config, keys: Option<ProcessKeys>) -> Result<App, ServerError> {
    let aws = AwsEndpoints::from_environment().await?;
    let credentials: Box<dyn CredentialSource> = match &config.deployment {
        config::Deployment::SingleUser { .. } => Box::new(AmbientSource::of_process(&aws, keys).await),
        config::Deployment::MultiTenant(_) => {
            let assume_role = AssumeRoleSource::of_process(&aws, keys).await;
            let registry = RegistrySource::new(Arc::new(HttpFetcher::new()), config.registry.timeout);
            let by_grant = Box::new(SourceByGrant::new(&aws, assume_role, registry));
            match config.limits.reuse_credentials {
                0 => by_grant,
                most => Box::new(ReusedSource::new(by_grant, most, config.limits.call_timeout)),
            }
        }
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
    let mode = deployment(&config.deployment);
    let metrics = Arc::new(Metrics::new(&tools::groups(mode), &service_names()));
    metrics.set_call_deadline(config.limits.call_timeout);
    let credentials: Box<dyn CredentialSource> =
        Box::new(counted::Source { source: credentials, metrics: Arc::clone(&metrics) });
    let services = process_wide(config);
    let credentials = match services.auth {
        Lives::Request => credentials,
        Lives::Process => Box::new(KeptCredentials::over(credentials)),
    };
    let rights: Box<dyn RightsProbe> = match services.permissions {
        Lives::Request => Box::new(AwsRightsProbe),
        Lives::Process => Box::new(RememberedRights::over(Box::new(AwsRightsProbe))),
    };
    let workflows: Box<dyn WorkflowStore> = match services.workflows {
        Lives::Request => Box::new(SqliteStore::open_observed(
            &config.store.data_dir,
            Arc::new(counted::Store(Arc::clone(&metrics))),
        )?),
        Lives::Process => Box::new(MemoryStore::default()),
    };
    let catalog =
        Catalog::new(mode, config.catalog_url.clone(), CatalogFile::in_directory(&config.store.data_dir))?;
    let wire = RegistryWire::new(config.registry.timeout);
    let configs = CatalogConfigs::new(config.registry.timeout);
    let passes = passes::passes(config);
    let workgroups: Box<dyn DefaultWorkgroup> = match &config.athena.workgroup {
        Some(named) => Box::new(Configured(named.clone())),
        None => Box::new(ByListing),
    };
    let queries = QueryRules {
        may_write: config.athena.may_write,
        time_limit: config.athena.time_limit,
        tabulator_catalog: config.athena.tabulator_catalog.clone(),
    };
    let turns = TurnsByTenant::new(config.limits.tenant_transfers);
    let docs = config.docs.clone().map(|site| DocsClient::new(Arc::new(HttpFetcher::new()), site));
    let docs = Docs::new(docs);
    Ok(App::open(
        mode,
        catalog,
        docs,
        aws,
        credentials,
        passes,
        wire,
        configs,
        rights,
        workgroups,
        queries,
        workflows,
        turns,
        ComputeThreads::of_this_machine()?,
        metrics,
    ))
}

/// What the operator wants kept for the process. Many tenants have nothing kept for them, whatever else was said.
fn process_wide(config: &Config) -> Services {
    let services = match &config.deployment {
        config::Deployment::SingleUser { .. } => config.services,
        config::Deployment::MultiTenant(_) => Services::default(),
    };
    let Services { auth, permissions, workflows } = services;
    tracing::info!(%auth, %permissions, %workflows, "services, and how long each is kept");
    services
}

fn deployment(config: &config::Deployment) -> Deployment {
    match config {
        config::Deployment::SingleUser { .. } => Deployment::SingleUser,
        config::Deployment::MultiTenant(_) => Deployment::MultiTenant,
    }
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
    let listeners = Listeners::open(&config)?;
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
    serve_through(config, app, listeners, shutdown, |backend| backend).await
}

/// As [`serve_on`], with something between the transport and what it calls.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_through(
    config: Config,
    app: App,
    listeners: Listeners,
    shutdown: CancellationToken,
    between: impl FnOnce(Arc<dyn Backend>) -> Arc<dyn Backend>,
) -> Result<Drained, ServerError> {
    announce(&config, &app, &listeners);
    let Config { deployment, door, limits, .. } = config;
    let resource = protected_resource(&deployment, &door, listeners.mcp_address());
    let layers = Arc::new(Layers::over(app, deployment));
    let authenticate = layers.doorkeeper();
    let server = Server::new(between(Arc::clone(&layers) as Arc<dyn Backend>), limits.into())
        .map_err(|error| ToolError::internal(error.to_string()))?;

    let door = match (door, listeners.mcp) {
        (Door::Http(http), Some(listener)) => {
            let (server, shutdown) = (server.clone(), shutdown.clone());
            let options = HttpOptions { resource, ..http.into() };
            async move { http_door::serve(&server, listener, &options, authenticate, shutdown).await }.boxed()
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
    layers.app().workflows.close().await;
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
            drain_grace: limits.drain_grace,
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
            resource: None,
            rates: Rates { per_principal: http.rate_limit, per_tenant: http.tenant_rate_limit },
            connections: ConnectionLimits {
                most: http.max_connections,
                head_within: http.header_timeout,
                ..ConnectionLimits::default()
            },
        }
    }
}

/// What clients are told of where to obtain a token: of the issuers those that are URLs, which can be asked.
fn protected_resource(
    deployment: &config::Deployment,
    door: &Door,
    bound: Option<SocketAddr>,
) -> Option<ProtectedResource> {
    let (config::Deployment::MultiTenant(trust), Door::Http(http)) = (deployment, door) else { return None };
    // A catalog is no authorization server: its people bring tokens that it gave to them otherwise.
    let named = trust.issuers.iter().filter(|issuer| matches!(issuer.tokens, config::Tokens::Named { .. }));
    let names = named.map(|issuer| issuer.issuer.as_str());
    let authorization_servers: Vec<String> =
        names.filter(|name| name.contains("://")).map(String::from).collect();
    let url = http.public_url.clone().or_else(|| Some(format!("http://{}/mcp", bound?)))?;
    let scopes = trust.issuers.iter().any(|issuer| issuer.scopes);
    (!authorization_servers.is_empty()).then_some(ProtectedResource { url, authorization_servers, scopes })
}
