//! The server with one part replaced by one that is broken on purpose.
//!
//! `QUILT_TWIN` says which: `credentials`, `permissions`, `workflows`, `secrets`, or `none` for the control. Everything
//! else is the server as it is. `it/twins.rs` holds what must be caught.

mod credentials;
mod permissions;
mod workflows;

use quilt_mcp::app::App;
use quilt_mcp::config::{Config, Flags};
use quilt_mcp::transport::drain;
use quilt_mcp::{server, telemetry};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fault = std::env::var("QUILT_TWIN").expect("`it/twins.rs` names the fault in QUILT_TWIN");
    let config = Config::load(Flags::default(), std::env::vars_os())?;
    telemetry::init(&config.log)?;
    let app = broken(server::app(&config).await?, &fault);
    server::serve(config, app, drain::on_signal()?).await?;
    Ok(())
}

fn broken(app: App, fault: &str) -> App {
    match fault {
        "none" => app,
        "credentials" => App { credentials: Box::new(credentials::FirstComeCell::default()), ..app },
        "permissions" => App { rights: Box::new(permissions::CacheByBucket::over(app.rights)), ..app },
        "secrets" => App { credentials: Box::new(credentials::Talkative), ..app },
        "workflows" => App { workflows: Box::new(workflows::WithoutOwner::over(app.workflows)), ..app },
        unknown => panic!("there is no twin with the fault {unknown:?}"),
    }
}
