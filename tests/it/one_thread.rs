//! What takes long is done elsewhere: the threads that serve requests compute little and wait for nothing.
//!
//! The server runs in this process, on one thread, so that whatever it does there keeps everybody else waiting. A task of
//! ours always wants a turn on that thread, and measures how long it takes to get one.

mod heavy;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use futures_util::FutureExt as _;
use quilt_mcp::client::AwsEndpoints;
use quilt_mcp::client::sts::AssumeRoleSource;
use quilt_mcp::config::{Config, Flags};
use quilt_mcp::server::{Listeners, app_over, serve_through};
use quilt_mcp::transport::Backend;
use quilt_tests::client::{Client, Era};
use quilt_tests::detour::detour;
use quilt_tests::metrics::Metrics;
use quilt_tests::server::Plan;
use quilt_tests::world::World;
use quilt_tests::{Result, Trouble};
use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

/// The backend, or something in its place.
type Between = fn(Arc<dyn Backend>) -> Arc<dyn Backend>;

/// A server on one thread.
struct OneThread {
    url: String,
    admin: String,
    longest: Arc<Longest>,
    stop: CancellationToken,
    thread: JoinHandle<Result<()>>,
    plan: Plan,
}

impl OneThread {
    async fn start(world: &World, between: Between) -> Result<Self> {
        let plan = Plan::multi_tenant(world)?
            .set("QUILT_MCP_CALL_TIMEOUT", "10m")
            .set("QUILT_MCP_RATE_LIMIT", "0")
            .set("QUILT_MCP_TENANT_RATE_LIMIT", "0");
        let longest = Arc::new(Longest::default());
        let stop = CancellationToken::new();
        let (told, listening) = oneshot::channel();
        let serving = serve(&plan, world, between, Arc::clone(&longest), stop.clone(), told)?;
        let thread =
            std::thread::spawn(move || Builder::new_current_thread().enable_all().build()?.block_on(serving));
        let Ok([mcp, admin]) = listening.await else {
            return Err(format!("the server did not start: {:?}", thread.join()).into());
        };
        Ok(Self { url: format!("http://{mcp}/mcp"), admin, longest, stop, thread, plan })
    }

    async fn client(&self, world: &World, name: &str) -> Result<Client> {
        Ok(Client::connect(&self.url, &world.token(world.person(name)), Era::Stateless).await?)
    }

    async fn metrics(&self) -> Result<Metrics> {
        Ok(Metrics::parse(&reqwest::get(format!("http://{}/metrics", self.admin)).await?.text().await?))
    }

    async fn stop(self) -> Result<()> {
        self.stop.cancel();
        let ended = tokio::task::spawn_blocking(|| self.thread.join()).await?;
        ended.map_err(|_| "the server panicked")?
    }
}

/// Serves as `main` does, and measures turns beside it. Says where it listens.
fn serve(
    plan: &Plan,
    world: &World,
    between: Between,
    longest: Arc<Longest>,
    stop: CancellationToken,
    told: oneshot::Sender<[String; 2]>,
) -> Result<impl Future<Output = Result<()>> + Send + use<>> {
    let environment = plan.environment().iter().map(|(name, value)| (name.into(), value.into()));
    let config = Config::load(Flags::default(), environment)?;
    let aws = AwsEndpoints::at(world.substrate.endpoint(), world.substrate.region());
    let (id, secret) = (world.server_key.access_key_id.clone(), world.server_key.secret_access_key.clone());
    Ok(async move {
        let source = AssumeRoleSource::from_provider(&aws, Credentials::new(id, secret, None, None, "test"));
        let app = app_over(&config, aws, Box::new(source))?;
        let listeners = Listeners::open(&config)?;
        let address =
            |address: Option<std::net::SocketAddr>| address.ok_or("it listens").map(|a| a.to_string());
        let addresses = [address(listeners.mcp_address())?, address(listeners.admin_address())?];
        told.send(addresses).map_err(|_| "nobody wants to know where it listens")?;
        tokio::select! {
            served = serve_through(config, app, listeners, stop, between) => served.map(drop).map_err(Trouble::from),
            never = longest.watch() => never,
        }
    })
}

/// The longest that nobody else had a turn on the thread.
#[derive(Default)]
struct Longest {
    nanoseconds: AtomicU64,
    turns: watch::Sender<u64>,
}

impl Longest {
    /// Since this was asked last. What was answered in a turn that is not over counts: its end is waited for.
    async fn take(&self) -> Result<Duration> {
        self.turns.subscribe().changed().await?;
        Ok(Duration::from_nanos(self.nanoseconds.swap(0, Ordering::Relaxed)))
    }

    async fn watch(&self) -> Result<()> {
        loop {
            let begun = Turn::begin()?;
            tokio::task::yield_now().await;
            let took = u64::try_from(begun.took()?.as_nanos())?;
            self.nanoseconds.fetch_max(took, Ordering::Relaxed);
            self.turns.send_modify(|turns| *turns += 1);
        }
    }
}

/// Time in which this thread had the processor, or waited for something other than the processor: that of others who keep the
/// machine busy does not count.
struct Turn {
    begun: Instant,
    ready: Duration,
}

impl Turn {
    fn begin() -> Result<Self> {
        Ok(Self { begun: Instant::now(), ready: ready()? })
    }

    fn took(&self) -> Result<Duration> {
        Ok(self.begun.elapsed().saturating_sub(ready()?.saturating_sub(self.ready)))
    }
}

/// How long this thread was ready to run and another had the processor, so far.
fn ready() -> Result<Duration> {
    let said = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = said.split_whitespace().nth(1).ok_or("three numbers are in schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

/// The twin: each call is done in its place, as if the tool computed there, or waited for a lock or a disk.
fn in_place(sound: Arc<dyn Backend>) -> Arc<dyn Backend> {
    detour(sound, |sound, call| {
        async move {
            let done = std::thread::spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(sound.call(call))
            });
            done.join().expect("the call does not panic")
        }
        .boxed()
    })
}
