//! The demo against the real server: everything it is told comes in as configuration.

use std::ffi::OsString;
use std::io::{self, Write};

use aws_credential_types::Credentials;
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

use super::{Afterwards, DemoError, DemoOptions, DemoServer, RunningServer, run};
use crate::cli::DemoArgs;
use crate::client::AwsEndpoints;
use crate::client::sts::AssumeRoleSource;
use crate::config::{Config, Flags, Setting};
use crate::server::{self, Listeners};
use crate::telemetry;

/// Runs the demo as the command line asks.
///
/// # Errors
///
/// As [`run`].
pub async fn command(args: DemoArgs, out: &mut impl Write) -> Result<(), DemoError> {
    let afterwards = if args.once { Afterwards::Stop } else { Afterwards::KeepServing };
    run(DemoOptions { listen: args.listen, afterwards }, out, start).await
}

async fn start(demo: DemoServer) -> io::Result<RunningServer> {
    let config = Config::load(Flags::default(), environment(&demo)).map_err(io::Error::other)?;
    telemetry::init(&config.log).map_err(io::Error::other)?;
    let aws = AwsEndpoints::at(&demo.endpoint_url, &demo.region);
    let own = Credentials::new(
        &demo.server_access_key,
        demo.server_secret_key.expose_secret(),
        None,
        None,
        "the demo's own STS",
    );
    let credentials = AssumeRoleSource::from_provider(&aws, own);
    let app = server::app_over(&config, aws, Box::new(credentials)).map_err(io::Error::other)?;

    let listeners = Listeners::open(&config)?;
    let (Some(mcp), Some(admin)) = (listeners.mcp_address(), listeners.admin_address()) else {
        return Err(io::Error::other("the demo listens on two addresses"));
    };
    let (url, admin_url) = (format!("http://{mcp}/mcp"), format!("http://{admin}"));
    let shutdown = CancellationToken::new();
    let serving = tokio::spawn(server::serve_on(config, app, listeners, shutdown.clone()));
    let stop = Box::pin(async move {
        shutdown.cancel();
        serving.await.map_err(io::Error::other)?.map_err(io::Error::other)?;
        Ok(())
    });
    Ok(RunningServer { url, admin_url, stop })
}

/// The environment that an operator would set for this server. Of the process's own only what is about the log counts.
fn environment(demo: &DemoServer) -> Vec<(OsString, OsString)> {
    let listen = demo.listen.to_string();
    let data_dir = demo.data_dir.as_os_str();
    let mut environment: Vec<(OsString, OsString)> = [
        ("QUILT_MCP_TRANSPORT", "http"),
        ("QUILT_MCP_MODE", "multi-tenant"),
        ("QUILT_MCP_LISTEN", &listen),
        ("QUILT_MCP_ADMIN_LISTEN", "127.0.0.1:0"),
        ("QUILT_MCP_JWT_SECRET", demo.jwt_secret.expose_secret()),
        ("QUILT_MCP_JWT_ISSUER", &demo.jwt_issuer),
        ("QUILT_MCP_JWT_AUDIENCE", &demo.jwt_audience),
        ("QUILT_MCP_ALLOWED_ROLES", &demo.allowed_roles),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into();
    environment.push(("QUILT_MCP_DATA_DIR".into(), data_dir.to_owned()));
    // The transcript is for people, and shows the refusals that would be warnings in the log.
    let log = [(Setting::Log, Some("error")), (Setting::LogFormat, None)];
    for (setting, otherwise) in log {
        let value = std::env::var_os(setting.variable()).or(otherwise.map(OsString::from));
        environment.extend(value.map(|value| (setting.variable().into(), value)));
    }
    environment
}
