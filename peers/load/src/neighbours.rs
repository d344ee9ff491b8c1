//! Whether one tenant waits for another: what somebody at a steady rate sees while a neighbour misbehaves.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use crate::case::Case;
use crate::client::Client;
use crate::contender::Contender;
use crate::cost::prepare;
use crate::drive::{Outcome, first_number, open, until};
use crate::endpoint::Endpoint;
use crate::figures::{Quantiles, ms};
use crate::process::Server;
use crate::wire::Wire;
use crate::{Plan, Result};

const GOOD: &str = "tenant0";
const BAD: &str = "tenant1";
/// Of the good tenant, a second, by eight users: less than the default limit of each, which is 6,000 a minute.
const RATE: f64 = 80.0;
const FOR_EVER: Duration = Duration::from_secs(3600);

/// What the neighbour does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    /// Holds a write transaction on its file, and has as many writes waiting as it may.
    Transaction,
    /// Sends as fast as it can, over 64 connections.
    Flood,
    /// Waits for an S3 that never answers, with as many calls as it may.
    HungEndpoint,
    /// Has large objects hashed, with as many calls as it may, as fast as this machine sends to itself.
    Hashes,
    /// The same over a network.
    HashesFromAfar,
    /// Has large tables drawn, with as many calls as it may.
    Draws,
}

impl Harm {
    fn name(self) -> &'static str {
        match self {
            Self::Transaction => "holds a write transaction, 16 writes wait",
            Self::Flood => "floods over 64 connections",
            Self::HungEndpoint => "has 16 calls stuck at an S3 that hangs",
            Self::Hashes => "has 64 MiB hashed by each of 16 calls at once",
            Self::HashesFromAfar => "has the same hashed, of an S3 behind 2.5 Gbit/s",
            Self::Draws => "has 40,000 rows drawn by each of 16 calls at once",
        }
    }

    fn clients(self) -> usize {
        match self {
            Self::Flood => 64,
            Self::Transaction | Self::HungEndpoint | Self::Hashes | Self::HashesFromAfar | Self::Draws => 16,
        }
    }

    fn case(self) -> Case {
        match self {
            Self::Transaction => Case::UpdateStep,
            Self::Flood => Case::Trivial,
            Self::HungEndpoint => Case::List,
            Self::Hashes | Self::HashesFromAfar => Case::Verify,
            Self::Draws => Case::Draw,
        }
    }
}

pub(crate) const HEAD: &str = "\
| the neighbour | asked | alone: p50 / p99 / p99.9 ms | beside it: p50 / p99 / p99.9 ms | p99 may be ms | answered well | \
neighbour: well / 429 / failed |\n|---|---|---|---|---|---|---|\n";

/// Each harm beside each case that could be hurt by it.
pub(crate) async fn measure(
    contender: &Contender,
    endpoint: &Endpoint,
    background: &Handle,
    plan: &Plan,
) -> Result<String> {
    let mut text = String::new();
    for (harm, case) in [
        (Harm::Transaction, Case::UpdateStep),
        (Harm::Flood, Case::Trivial),
        (Harm::Flood, Case::UpdateStep),
        (Harm::HungEndpoint, Case::List),
        (Harm::HungEndpoint, Case::Trivial),
        (Harm::Hashes, Case::Trivial),
        (Harm::Hashes, Case::UpdateStep),
        (Harm::HashesFromAfar, Case::Trivial),
        (Harm::HashesFromAfar, Case::UpdateStep),
        (Harm::Draws, Case::Trivial),
        (Harm::Draws, Case::UpdateStep),
    ] {
        let server = Server::start(&contender.launch).await?;
        let set = Set { contender, server: &server, endpoint, background };
        let row = beside(&set, harm, case, plan).await;
        text += &row.map_err(|error| format!("{harm:?}, {case:?}: {error}\n{}", server.last_words()))?;
    }
    Ok(text)
}

/// Who takes part.
struct Set<'a> {
    contender: &'a Contender,
    server: &'a Server,
    endpoint: &'a Endpoint,
    /// Where the neighbour is.
    background: &'a Handle,
}

async fn beside(set: &Set<'_>, harm: Harm, case: Case, plan: &Plan) -> Result<String> {
    let (alone, _) = steady(set, case, plan).await?;
    let neighbour = Neighbour::start(set, harm).await?;
    let (beside, all) = steady(set, case, plan).await?;
    let theirs = neighbour.stop(set.endpoint).await?;
    let bound = alone.p99.mul_f64(1.25) + Duration::from_millis(5);
    let verdict = if beside.p99 <= bound { "" } else { " **missed**" };
    Ok(format!(
        "| {} | `{}` | {alone} | {beside} | {}{verdict} | {all} of {all} | {theirs} |\n",
        harm.name(),
        case.name(),
        ms(bound),
    ))
}

/// Eight users of the good tenant, who are never refused.
async fn steady(set: &Set<'_>, case: Case, plan: &Plan) -> Result<(Quantiles, usize)> {
    let mut clients = Vec::new();
    for number in 0..8 {
        clients.push(set.contender.client(set.server, GOOD, &format!("good{number}")).await?);
    }
    prepare(&mut clients, case).await?;
    let warm = open(clients, case, RATE, Duration::from_secs(1)).await?;
    let outcome = open(warm.clients, case, RATE, plan.length).await?;
    outcome.check()?;
    let all = outcome.latencies.len();
    Ok((outcome.latencies.quantiles(), all))
}

/// A tenant that misbehaves until it is stopped.
struct Neighbour {
    harm: Harm,
    stop: Arc<AtomicBool>,
    running: tokio::task::JoinHandle<std::result::Result<Outcome, String>>,
    transaction: Option<Connection>,
}

impl Neighbour {
    async fn start(set: &Set<'_>, harm: Harm) -> Result<Self> {
        // One user, so that all of it meets one user's limits.
        let (who, address, era) = (set.contender.who(BAD, "bad")?, set.server.address, set.contender.era);
        let connected = set.background.spawn(async move {
            let mut clients = Vec::new();
            for _ in 0..harm.clients() {
                clients.push(Client::connect(address, era, who.clone(), first_number()).await?);
            }
            prepare(&mut clients, harm.case()).await?;
            Ok::<_, Box<dyn Error + Send + Sync>>(clients)
        });
        let clients = connected.await??;
        let transaction = match harm {
            Harm::Transaction => Some(hold(&file_of(set.server.home.path(), BAD))?),
            Harm::Flood | Harm::Draws => None,
            Harm::Hashes | Harm::HashesFromAfar => {
                let wire = (harm == Harm::HashesFromAfar).then(|| Wire::of_gigabits(2.5));
                set.endpoint.keep(BAD, wire)?;
                None
            }
            Harm::HungEndpoint => {
                set.endpoint.hang(BAD, true);
                None
            }
        };
        let stop = Arc::new(AtomicBool::new(false));
        let work = until(clients, harm.case(), Arc::clone(&stop), FOR_EVER);
        let running = set.background.spawn(async move { work.await.map_err(|error| error.to_string()) });
        Ok(Self { harm, stop, running, transaction })
    }

    /// What it got.
    async fn stop(self, endpoint: &Endpoint) -> Result<String> {
        let ended = self.running.is_finished();
        self.stop.store(true, Ordering::Relaxed);
        endpoint.hang(BAD, false);
        drop(self.transaction);
        match self.harm {
            Harm::Flood | Harm::Hashes | Harm::HashesFromAfar | Harm::Draws => {
                let outcome = self.running.await??;
                // Who fails at once does no harm.
                if self.harm != Harm::Flood {
                    outcome.check()?;
                }
                Ok(format!("{} / {} / {}", outcome.latencies.len(), outcome.shed, outcome.failed))
            }
            Harm::Transaction | Harm::HungEndpoint if ended => Err("the neighbour did not stay".into()),
            // What is stuck does not end soon.
            Harm::Transaction | Harm::HungEndpoint => {
                self.running.abort();
                Ok("stuck".to_owned())
            }
        }
    }
}

/// Holds the one write lock of the file.
fn hold(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch("BEGIN IMMEDIATE")?;
    Ok(connection)
}

fn file_of(home: &Path, tenant: &str) -> PathBuf {
    let digest = hex::encode(Sha256::digest(tenant.as_bytes()));
    home.join("data/tenants").join(&digest[..2]).join(format!("{digest}.db"))
}
