//! SIGTERM among hundreds of requests a second: none is lost.
//!
//! There are two servers, as behind a load balancer. Callers use the first as long as connections to it are accepted; one
//! that is refused goes to the other. Nobody is told of the stop, and nobody tries anything twice: a request that was sent
//! must be answered by the server it was sent to.

use std::sync::Arc;
use std::time::Duration;

use quilt_tests::Result;
use quilt_tests::client::{Answer, CallError, Client, Era};
use quilt_tests::server::{Plan, Server, Signal};
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;
use tokio::task::JoinSet;

use super::{ROUNDS, rounds};
use crate::stage::long_form;

/// Requests a second: in the long form, and in the quick one, which any machine that runs other tests beside can serve.
const RATE: (u32, u32) = (500, 100);
/// How many are refused before nobody comes any more.
const REFUSALS: usize = 25;
/// How many are sent to a server that reads nothing any more.
const UNREAD: usize = 25;
/// How long what ends at once may take on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(20);
/// The exit code of whom SIGTERM has ended, and of whom SIGINT has, as shells give them.
const ENDED_BY: [(Signal, i32); 2] = [(Signal::TERM, 143), (Signal::INT, 130)];

/// How a request ended.
enum Ended {
    /// The server that is asked to stop answered; whether it was sent after that.
    Answered {
        late: bool,
    },
    /// It refused the connection, and the other one answered; whether it said after that, to whoever asks, that it is ready.
    Elsewhere {
        though_ready: bool,
    },
    Lost(String),
}

/// How a server is made to stop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// SIGTERM.
    Asked,
    /// Without a drain: it reads nothing any more, and is gone some requests later.
    Torn,
}

/// What became of the requests around one stop.
#[derive(Default)]
struct Tally {
    answered: usize,
    /// Of them those that were sent after the signal.
    late: usize,
    elsewhere: usize,
    /// Of them those that were refused by a server that was ready, as it said.
    though_ready: usize,
    lost: Vec<String>,
}

impl Tally {
    fn of(ended: Vec<Ended>) -> Self {
        let mut tally = Self::default();
        for one in ended {
            match one {
                Ended::Answered { late } => {
                    tally.answered += 1;
                    tally.late += usize::from(late);
                }
                Ended::Elsewhere { though_ready } => {
                    tally.elsewhere += 1;
                    tally.though_ready += usize::from(though_ready);
                }
                Ended::Lost(why) => tally.lost.push(why),
            }
        }
        tally
    }
}

/// The world, how the server is started that will be stopped, and the one that goes on.
struct Scene {
    world: World,
    plan: Plan,
    other: Server,
}

impl Scene {
    async fn set() -> Result<Self> {
        let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
        let plan = Plan::multi_tenant(&world)?
            .set("QUILT_MCP_RATE_LIMIT", "0")
            .set("QUILT_MCP_TENANT_RATE_LIMIT", "0")
            .set("QUILT_MCP_LOG", "warn,quilt_mcp=info")
            .set("QUILT_MCP_MAX_CONCURRENT_CALLS", "1024");
        let other = plan.start().await?;
        Ok(Self { plan: plan.set("QUILT_MCP_DRAIN_GRACE", "1s"), world, other })
    }

    /// Requests at a steady rate from before `stop` until nobody is let in any more.
    async fn stopped(&self, server: &Server, stop: Stop, round: usize) -> Result<Tally> {
        let callers = callers(&self.world, server).await?;
        let elsewhere = Arc::new(super::client_of(&self.world, &self.other, &self.world.people[0]));
        let rate = if long_form::<usize>(ROUNDS).is_some() { RATE.0 } else { RATE.1 };
        let mut tick = tokio::time::interval(Duration::from_secs(1) / rate);
        let signal_at = rate as usize / 2 + round * 7 % 50;
        let (mut under_way, mut ended) = (JoinSet::new(), Vec::new());
        for number in 0.. {
            tick.tick().await;
            match stop {
                Stop::Asked if number == signal_at => server.signal(Signal::TERM)?,
                Stop::Torn if number == signal_at => server.signal(Signal::STOP)?,
                Stop::Torn if number == signal_at + UNREAD => server.signal(Signal::KILL)?,
                _ => {}
            }
            let (caller, elsewhere) = (Arc::clone(&callers[number % callers.len()]), Arc::clone(&elsewhere));
            let readiness = format!("{}/readyz", server.admin_url);
            under_way.spawn(one_request(caller, elsewhere, readiness, number > signal_at));
            while let Some(one) = under_way.try_join_next() {
                ended.push(one?);
            }
            if ended.iter().filter(|one| matches!(one, Ended::Elsewhere { .. })).count() >= REFUSALS {
                break;
            }
            assert!(number < signal_at + rate as usize * 60, "round {round}: connections are never refused");
        }
        ended.extend(under_way.join_all().await);
        Ok(Tally::of(ended))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_under_load_loses_no_request() -> Result<()> {
    let scene = Scene::set().await?;
    let rounds = rounds(3);
    let (mut answered, mut late, mut elsewhere) = (0, 0, 0);
    for round in 0..rounds {
        let mut server = scene.plan.start().await?;
        let tally = scene.stopped(&server, Stop::Asked, round).await?;
        let status = server.ended(Duration::from_secs(30)).await?;
        assert!(status.success(), "round {round}: {status}");
        let lost = (tally.lost.len(), tally.lost.first());
        assert_eq!(lost, (0, None), "round {round}: of {} requests", tally.answered + tally.elsewhere);
        assert_eq!(tally.though_ready, 0, "round {round}: it refused, and said that it was ready");
        assert!(tally.late > 0 && tally.answered > tally.late, "round {round}: nothing around the signal");
        answered += tally.answered;
        late += tally.late;
        elsewhere += tally.elsewhere;
    }
    super::tell(format_args!(
        "{rounds} stops: {answered} requests answered, {late} of them sent after the signal, {elsewhere} refused and \
         answered elsewhere, 0 lost"
    ))
}

/// The same with a server that does not drain.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_loses_requests_is_caught() -> Result<()> {
    let scene = Scene::set().await?;
    let server = scene.plan.start().await?;
    let tally = scene.stopped(&server, Stop::Torn, 0).await?;
    assert!(tally.lost.len() >= UNREAD / 2, "only {} were lost", tally.lost.len());
    Ok(())
}

/// Both protocols, each over connections that are kept and over new ones.
async fn callers(world: &World, server: &Server) -> Result<Vec<Arc<Client>>> {
    let token = world.token(&world.people[0]);
    let mut callers = Vec::new();
    for era in [Era::Stateless, Era::Initialize] {
        for kept in [usize::MAX, 0] {
            let http = reqwest::Client::builder().pool_max_idle_per_host(kept).build()?;
            callers.push(Arc::new(Client::connect_with(http, &server.url, Some(&token), era).await?));
        }
    }
    Ok(callers)
}

async fn one_request(caller: Arc<Client>, elsewhere: Arc<Client>, readiness: String, late: bool) -> Ended {
    let answered = |answer: std::result::Result<Answer, CallError>| match answer {
        Ok(answer) if !answer.is_error => Ok(()),
        Ok(answer) => Err(answer.everything()),
        Err(error) => Err(format!("{error} ({error:?})")),
    };
    match answered(caller.call("filesystem_status", json!({})).await) {
        Ok(()) => Ended::Answered { late },
        Err(why) if why.contains("ConnectionRefused") => {
            // It has said no before it refuses, or has ended.
            let though_ready = reqwest::get(readiness).await.is_ok_and(|answer| answer.status().is_success());
            match answered(elsewhere.call("filesystem_status", json!({})).await) {
                Ok(()) => Ended::Elsewhere { though_ready },
                Err(why) => Ended::Lost(format!("elsewhere: {why}")),
            }
        }
        Err(why) => Ended::Lost(why),
    }
}

/// Who asks twice does not want to wait for the drain.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_DRAIN_GRACE", "300s");
    for (signal, code) in ENDED_BY {
        let mut server = plan.start().await?;
        server.signal(Signal::TERM)?;
        server.log.event("asked to stop").await?;
        let answer = reqwest::get(format!("{}/readyz", server.admin_url)).await?;
        assert_eq!(answer.status(), 503, "it drains, for five minutes");
        server.signal(signal)?;
        let status = server.ended(AT_ONCE).await?;
        assert_eq!(status.code(), Some(code), "{signal:?}: {status}");
        server.log.event("asked to stop again: what still runs is not waited for").await?;
    }
    Ok(())
}
