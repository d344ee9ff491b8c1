//! Puts the server together, as `quilt_mcp::server` does, of parts that a bug may replace.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_credential_types::Credentials;
use axum::Router;
use quilt_mcp::client::by_grant::SourceByGrant;
use quilt_mcp::client::fetch::HttpFetcher;
use quilt_mcp::client::registry::credentials::RegistrySource;
use quilt_mcp::client::reuse::ReusedSource;
use quilt_mcp::client::sts::AssumeRoleSource;
use quilt_mcp::client::{AwsEndpoints, CredentialSource};
use quilt_mcp::config::{Config, Door as Listening, Flags, LogConfig, LogFormat};
use quilt_mcp::server::{self, Layers, Listeners};
use quilt_mcp::telemetry;
use quilt_mcp::transport::admin::Vitals;
use quilt_mcp::transport::http as http_door;
use quilt_mcp::transport::{Authenticate, Backend, Server};
use quilt_tests::Result;
use quilt_tests::files::{in_memory, private};
use quilt_tests::oracle::door::Door;
use quilt_tests::oracle::endpoint::{Endpoint, REGION};
use quilt_tests::oracle::judge::{Judge, JudgedLog};
use quilt_tests::oracle::population::Population;
use quilt_tests::substrate::Key;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::bugs::{Bug, Fault};

/// How long a connection waits for its next request. The server closes one that waits for long, and a request that is
/// sent at that moment has no answer.
const IDLE: Duration = Duration::from_secs(5);

/// What a server is put together for.
pub(crate) struct Plan {
    pub(crate) population: Arc<Population>,
    pub(crate) endpoint: Endpoint,
    pub(crate) reuse: bool,
    pub(crate) sockets: bool,
}

/// What a bug may need to know.
pub(crate) struct Scene {
    pub(crate) population: Arc<Population>,
    pub(crate) endpoint_url: String,
    pub(crate) server_key: Key,
}

/// A server that can be asked.
pub(crate) struct Wiring {
    pub(crate) door: Door,
    pub(crate) metrics: Box<dyn Fn() -> String>,
    _files: TempDir,
}

impl Wiring {
    pub(crate) async fn of(plan: Plan, bug: Option<&Bug>) -> Result<Self> {
        let fault: Box<dyn Fault> = match bug {
            Some(bug) => (bug.make)(),
            None => Box::new(Sound),
        };
        let Endpoint { url, server_key } = plan.endpoint;
        let scene = Scene { population: plan.population, endpoint_url: url, server_key };
        let files = in_memory()?;
        let config = configuration(&scene, files.path(), fault.trusts_any_role(), plan.reuse)?;

        let aws = AwsEndpoints::at(&scene.endpoint_url, REGION);
        let key = Credentials::new(
            &scene.server_key.access_key_id,
            &scene.server_key.secret_access_key,
            None,
            None,
            "oracle",
        );
        let assume_role = AssumeRoleSource::from_provider(&aws, key);
        let registry = RegistrySource::new(Arc::new(HttpFetcher::new()), config.registry.timeout);
        let by_grant = SourceByGrant::new(&aws, assume_role, registry);
        let credentials: Box<dyn CredentialSource> = match config.limits.reuse_credentials {
            0 => Box::new(by_grant),
            most => Box::new(ReusedSource::new(Box::new(by_grant), most, config.limits.call_timeout)),
        };
        let app = fault.app(server::app_over(&config, aws, credentials)?, &scene);
        if plan.sockets {
            let metrics = Arc::clone(&app.metrics);
            // The whole of it, as `main` runs it.
            let listeners = Listeners::open(&config)?;
            let origin = format!("http://{}", listeners.mcp_address().ok_or("it listens")?);
            tokio::spawn(server::serve_on(config, app, listeners, CancellationToken::new()));
            let client = reqwest::Client::builder().pool_idle_timeout(IDLE).build()?;
            let door = Door::Socket(client, origin);
            return Ok(Self { door, metrics: Box::new(move || metrics.encode()), _files: files });
        }
        let layers = Arc::new(Layers::over(app, config.deployment));
        let authenticate = fault.authenticate(layers.doorkeeper(), &scene);
        let backend = fault.backend(Arc::clone(&layers) as Arc<dyn Backend>, &scene);
        let server = Server::new(backend, config.limits.into())?;
        let Listening::Http(http) = config.door else { return Err("the oracle asks over HTTP".into()) };
        let streams = CancellationToken::new();
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let service = http_door::service(&server, loopback, &http.into(), authenticate, streams)?;
        let door = Door::Service(fault.front(service, &scene));
        let metrics = Box::new(move || fault.metrics(layers.metrics()));
        Ok(Self { door, metrics, _files: files })
    }
}

/// Replaces nothing.
struct Sound;

impl Fault for Sound {}

/// Everything of one run is logged to its judge.
///
/// Logging is started once in a process, and runs follow each other: who judges is looked up line by line.
pub(crate) fn log_to(judge: &Arc<Judge>) -> Result<()> {
    static JUDGE: Mutex<Option<Arc<Judge>>> = Mutex::new(None);
    let earlier = JUDGE.lock().unwrap_or_else(PoisonError::into_inner).replace(Arc::clone(judge));
    if earlier.is_some() {
        return Ok(());
    }
    let writer = || -> Box<dyn Write> {
        match &*JUDGE.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(judge) => Box::new(JudgedLog(Arc::clone(judge))),
            None => Box::new(std::io::sink()),
        }
    };
    let config = LogConfig { filter: "info,quilt_mcp=debug".to_owned(), format: LogFormat::Json };
    Ok(telemetry::init_with(&config, writer)?)
}

/// Both issuers with a secret each, and limits that nobody reaches.
fn configuration(scene: &Scene, home: &Path, any_role: bool, reuse: bool) -> Result<Config> {
    let mut text = String::new();
    for (number, issuer) in scene.population.issuers.iter().enumerate() {
        let secret = private(home, &format!("secret-{number}"), issuer.secret())?;
        let roles = scene.population.allowed_roles(number, any_role);
        text.push_str(&format!(
            "[[issuer]]\nissuer = {:?}\naudience = {:?}\nsecret_file = {secret:?}\nallowed_roles = {roles:?}\n",
            issuer.issuer, issuer.audience
        ));
    }
    let file = private(home, "config.toml", &text)?;
    let data = home.join("data");
    let sessions = (scene.population.people.len() * 2).to_string();
    let settings = [
        ("QUILT_MCP_CONFIG", file.as_os_str()),
        ("QUILT_MCP_DATA_DIR", data.as_os_str()),
        ("QUILT_MCP_MODE", "multi-tenant".as_ref()),
        ("QUILT_MCP_TRANSPORT", "http".as_ref()),
        ("QUILT_MCP_LISTEN", "127.0.0.1:0".as_ref()),
        ("QUILT_MCP_ADMIN_LISTEN", "off".as_ref()),
        ("QUILT_MCP_SESSIONS", "true".as_ref()),
        ("QUILT_MCP_MAX_SESSIONS", sessions.as_ref()),
        ("QUILT_MCP_MAX_CONCURRENT_CALLS", "1024".as_ref()),
        ("QUILT_MCP_RATE_LIMIT", "0".as_ref()),
        ("QUILT_MCP_TENANT_RATE_LIMIT", "0".as_ref()),
        ("QUILT_MCP_REUSE_CREDENTIALS", if reuse { "4096" } else { "0" }.as_ref()),
    ];
    Ok(Config::load(Flags::default(), settings.map(|(name, value)| (name.into(), value.into())))?)
}

/// For the faults: a service and what it is called through.
pub(crate) type Front = Router;
/// For the faults: who asks.
pub(crate) type Asker = Arc<dyn Authenticate>;
/// For the faults: what runs calls.
pub(crate) type Behind = Arc<dyn Backend>;
