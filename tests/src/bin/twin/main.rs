//! The server with one part replaced by one that is broken on purpose.
//!
//! `QUILT_TWIN` says which: `credentials`, `session`, `thread`, `fallback`, `permissions`, `workflows`, `workgroups`, `secrets`,
//! `spans`, `panic`, `hoard`, `entries`, `leak`, `scopes`, `progress`, `principal`, `grants`, `grants-of-tenant`, `unasked`,
//! `known-by-id`, `believes-silence`, or `none` for the control. Everything else is the server as it is. `it/twins.rs`,
//! `it/issuers/catalog.rs`, `it/issuers/kept.rs`, `it/issuers/vouched.rs`, `it/registry.rs`, `it/registry/vouched.rs`, `it/crowd.rs`, `it/memory.rs`, `it/secrets.rs`, `it/traces.rs`,
//! `it/alerts.rs`, `it/failures.rs`, `it/figures/growth.rs`, `it/push/progress.rs` and `it/push/large.rs` hold what must be caught.

mod credentials;
mod entries;
mod fallback;
mod permissions;
mod principal;
mod progress;
mod session;
mod thread;
mod vouching;
mod workflows;
mod workgroups;

use base64::Engine as _;
use mimalloc::MiMalloc;
use quilt_mcp::app::App;
use quilt_mcp::client::collector::Collector;
use quilt_mcp::config::{Config, Flags};
use quilt_mcp::server::{self, Listeners};
use quilt_mcp::telemetry;
use quilt_mcp::telemetry::traces::Traces;
use quilt_mcp::transport::drain;
use quilt_tests::detour::of_the_first_grant;
use tracing_subscriber::Layer as _;
use zeroizing_alloc::ZeroAlloc;

/// As the server itself has it.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fault = std::env::var("QUILT_TWIN").expect("`it/twins.rs` names the fault in QUILT_TWIN");
    let config = Config::load(Flags::default(), std::env::vars_os())?;
    let config = vouching::asking(config, &fault).await?;
    let spans = begin(&config)?;
    let app = broken(server::app(&config).await?, &fault);
    let (listeners, shutdown) = (Listeners::open(&config)?, drain::on_signal()?);
    let between = |sound| match &*fault {
        "progress" => progress::to_the_last(sound),
        "entries" => entries::held_all(sound),
        "principal" => principal::of_the_first(sound),
        _ => sound,
    };
    server::serve_through(config, app, listeners, shutdown, between).await?;
    if let Some(spans) = spans
        && !tokio::task::spawn_blocking(move || spans.flush()).await?
    {
        return Err("the last spans could not be sent".into());
    }
    Ok(())
}

/// Logs, and spans if they are to be sent, as the server itself has them.
fn begin(config: &Config) -> Result<Option<Traces>, Box<dyn std::error::Error>> {
    let spans = config
        .collector
        .as_ref()
        .map(|url| Ok::<_, Box<dyn std::error::Error>>(Traces::to(url, Collector::new()?)?));
    let spans = spans.transpose()?;
    telemetry::init_beside(&config.log, spans.as_ref().map(|spans| spans.layer().boxed()))?;
    Ok(spans)
}

fn broken(app: App, fault: &str) -> App {
    match fault {
        // It is not the application that mixes up who listens, holds what was answered, or believes too much.
        "none" | "progress" | "entries" | "principal" | "unasked" | "known-by-id" | "believes-silence" => app,
        "leak" => {
            // Written so that the log's own filter does not know it for a secret.
            let secret = std::env::var("AWS_SECRET_ACCESS_KEY").unwrap_or_default();
            let written = base64::prelude::BASE64_STANDARD.encode(format!("key:{secret}"));
            tracing::info!(written, "the twin says what it should not");
            app
        }
        "scopes" => {
            // A scope that is opened and never let go.
            std::mem::forget(app.metrics.scope_opened());
            app
        }
        "credentials" => App { credentials: Box::new(credentials::FirstComeCell::default()), ..app },
        "grants" => App { credentials: of_the_first_grant(app.credentials, |_| String::new()), ..app },
        "grants-of-tenant" => {
            App { credentials: of_the_first_grant(app.credentials, |who| who.tenant().to_owned()), ..app }
        }
        "session" => App { passes: Box::new(session::FirstComeSession::over(app.passes)), ..app },
        "thread" => App {
            credentials: Box::new(thread::OfThread),
            passes: Box::new(thread::PassOfThread(app.passes)),
            ..app
        },
        "fallback" => App { credentials: Box::new(fallback::FallsBack(app.credentials)), ..app },
        "panic" => {
            let only_for = std::env::var("QUILT_TWIN_PANICS_FOR").ok();
            let source = credentials::Panicking { otherwise: app.credentials, only_for };
            App { credentials: Box::new(source), ..app }
        }
        "hoard" => App { credentials: Box::new(credentials::Hoarding::over(app.credentials)), ..app },
        "permissions" => App { rights: Box::new(permissions::CacheByBucket::over(app.rights)), ..app },
        "spans" => App { credentials: Box::new(credentials::Telling(app.credentials)), ..app },
        "secrets" => App { credentials: Box::new(credentials::Talkative), ..app },
        "workgroups" => App { workgroups: Box::new(workgroups::FirstFound::over(app.workgroups)), ..app },
        "workflows" => App { workflows: Box::new(workflows::WithoutOwner::over(app.workflows)), ..app },
        unknown => panic!("there is no twin with the fault {unknown:?}"),
    }
}
