//! A world and a server in it: where most scenarios begin.

use std::path::Path;
use std::time::{Duration, Instant};

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::metrics::Metrics;
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{Person, ServerRights, Wanted, World, ada_and_ben, ada_and_ben_with_packages};

/// Far from a call's own 120 seconds, however slow the machine.
pub(crate) const IN_TIME: Duration = Duration::from_secs(30);
/// How long something may take that has no signal of its own.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at it.
const LOOK: Duration = Duration::from_millis(20);

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) server: Server,
}

impl Stage {
    /// Ada and ben, and a server whose own identity may do everything: if it ever acted in its own name, it would succeed.
    pub(crate) async fn of_two() -> Result<Self> {
        Self::of(ada_and_ben(), ServerRights::Everything).await
    }

    /// The same two, each with a package.
    pub(crate) async fn of_two_with_packages() -> Result<Self> {
        Self::of(ada_and_ben_with_packages(), ServerRights::Everything).await
    }

    pub(crate) async fn of(people: impl IntoIterator<Item = Wanted>, rights: ServerRights) -> Result<Self> {
        Self::planned(people, rights, |plan| plan).await
    }

    pub(crate) async fn planned(
        people: impl IntoIterator<Item = Wanted>,
        rights: ServerRights,
        change: impl FnOnce(Plan) -> Plan,
    ) -> Result<Self> {
        let world = World::of(people, rights).await?;
        let plan = change(Plan::multi_tenant(&world)?);
        Self::start(world, plan).await
    }

    pub(crate) async fn start_in(world: World) -> Result<Self> {
        let plan = Plan::multi_tenant(&world)?;
        Self::start(world, plan).await
    }

    pub(crate) async fn start(world: World, plan: Plan) -> Result<Self> {
        let server = plan.start().await?;
        Ok(Self { world, server })
    }

    pub(crate) async fn client(&self, name: &str) -> Result<Client> {
        self.client_in(name, Era::Stateless).await
    }

    pub(crate) async fn client_in(&self, name: &str, era: Era) -> Result<Client> {
        Ok(Client::connect(&self.server.url, &self.token(name), era).await?)
    }

    pub(crate) fn token(&self, name: &str) -> String {
        self.world.token(self.person(name))
    }

    pub(crate) fn person(&self, name: &str) -> &Person {
        self.world.person(name)
    }
}

/// A caller who needs no handshake.
pub(crate) fn client_of(world: &World, server: &Server, person: &Person) -> Client {
    Client::unconnected(reqwest::Client::new(), &server.url, Some(&world.token(person)), Era::Stateless)
}

/// Everything that the sender of a message sees of the answer, but for its request's own id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) challenge: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: String,
}

/// What a ping with this token gets.
pub(crate) async fn seen(http: &reqwest::Client, url: &str, token: &str) -> Result<Seen> {
    let ping = serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let answer = http.post(url).bearer_auth(token).json(&ping).send().await?;
    let header = |name: &str| answer.headers().get(name)?.to_str().ok().map(String::from);
    let (challenge, retry_after) = (header("www-authenticate"), header("retry-after"));
    Ok(Seen { status: answer.status().as_u16(), challenge, retry_after, body: answer.text().await? })
}

/// A server with this fault.
pub(crate) fn twin(fault: &str) -> impl FnOnce(&World) -> Result<Plan> {
    move |world| {
        let twin = Path::new(env!("CARGO_BIN_EXE_twin"));
        Plan::multi_tenant_with(twin, world).map(|plan| plan.set("QUILT_TWIN", fault))
    }
}

/// Looks at the metrics until they are as wanted. Numbers follow an answer, they do not precede it.
pub(crate) async fn metrics_when(server: &Server, wanted: impl Fn(&Metrics) -> bool) -> Result<Metrics> {
    looked_at_until(|| server.metrics(), wanted).await
}

/// The same of a server that is no process: `look` says how its metrics are had.
pub(crate) async fn looked_at_until<F: Future<Output = Result<Metrics>>>(
    look: impl Fn() -> F,
    wanted: impl Fn(&Metrics) -> bool,
) -> Result<Metrics> {
    let end = Instant::now() + PATIENCE;
    loop {
        let metrics = look().await?;
        if wanted(&metrics) {
            return Ok(metrics);
        }
        if Instant::now() > end {
            return Err(format!("the metrics did not become as wanted: {metrics:#?}").into());
        }
        tokio::time::sleep(LOOK).await;
    }
}

pub(crate) const OPENED: &str = "quilt_mcp_scopes_opened_total";
pub(crate) const CLOSED: &str = "quilt_mcp_scopes_closed_total";
pub(crate) const LIVE: &str = "quilt_mcp_scopes_live";

/// Waits until every scope that was opened is closed again, and there were `at_least` so many.
pub(crate) async fn all_scopes_closed(server: &Server, at_least: u32) -> Result<Metrics> {
    metrics_when(server, |m| {
        m.sum(OPENED) >= f64::from(at_least) && m.sum(OPENED) == m.sum(CLOSED) && m.sum(LIVE) == 0.0
    })
    .await
}

/// How long the long form of a test is to be, if it is asked for. What is no number is no short form either.
pub(crate) fn long_form<T: std::str::FromStr>(variable: &str) -> Option<T> {
    let said = std::env::var(variable).ok()?;
    Some(said.parse().unwrap_or_else(|_| panic!("{variable} is no number: {said:?}")))
}
