//! What a request costs: time to answer, requests a second, processor time, memory, and how long until the first answer.

use std::time::Duration;

use serde_json::json;

use crate::case::{Case, STEP, workflow_of};
use crate::client::Client;
use crate::contender::Contender;
use crate::drive::{Outcome, closed, open};
use crate::figures::{Quantiles, not_measured};
use crate::process::{Memory, Server};
use crate::{Plan, Result};

/// How many connections.
const CONNECTIONS: [usize; 3] = [1, BUSY, 512];
const BUSY: usize = 32;
/// Requests a second in the open loop: few enough for all but `quilt-mcp` of PyPI, which manages some 50.
const RATE: f64 = 100.0;
const WARM_UP: Duration = Duration::from_millis(800);
/// Whoever answers fewer requests a second is not asked by more connections nor at [`RATE`]: it would take minutes to see a queue.
const SLOW: f64 = 10.0;

/// What one contender takes for one case.
pub(crate) struct Cost {
    pub(crate) idle: Memory,
    pub(crate) after: Memory,
    pub(crate) first_answer: Duration,
    /// What the first answer was.
    pub(crate) answer: String,
    /// At [`RATE`] over 32 connections.
    pub(crate) steady: Option<Quantiles>,
    pub(crate) flat_out: Vec<FlatOut>,
}

/// Closed loop.
pub(crate) struct FlatOut {
    pub(crate) connections: usize,
    pub(crate) per_second: f64,
    pub(crate) latency: Quantiles,
    /// Of the server, for each request.
    pub(crate) processor: Duration,
}

pub(crate) async fn measure(contender: &Contender, case: Case, plan: &Plan) -> Result<Cost> {
    let server = Server::start(&contender.launch).await?;
    let cost = load(contender, &server, case, plan).await;
    cost.map_err(|error| format!("{error}\n{}", server.last_words()).into())
}

async fn load(contender: &Contender, server: &Server, case: Case, plan: &Plan) -> Result<Cost> {
    let mut first = contender.clients(server, 1).await?;
    prepare(&mut first, case).await?;
    let answer = first[0].call(case).await?.well()?;
    let first_answer = server.started.elapsed();
    let idle = server.memory()?;

    let mut flat_out = Vec::new();
    for many in CONNECTIONS {
        let mut clients = contender.clients(server, many).await?;
        prepare(&mut clients, case).await?;
        let warm = closed(clients, case, WARM_UP).await?;
        let before = server.processor()?;
        let outcome = closed(warm.clients, case, plan.length).await?;
        let run = FlatOut::new(many, outcome, server.processor()? - before)?;
        let slow = run.per_second < SLOW;
        flat_out.push(run);
        if slow && many == BUSY {
            return Ok(Cost { idle, after: server.memory()?, first_answer, answer, steady: None, flat_out });
        }
    }
    let mut clients = contender.clients(server, BUSY).await?;
    prepare(&mut clients, case).await?;
    let steady = open(clients, case, RATE, plan.length).await?;
    steady.check()?;
    let steady = Some(steady.latencies.quantiles());
    Ok(Cost { idle, after: server.memory()?, first_answer, answer, steady, flat_out })
}

impl Cost {
    /// Over as many connections as servers are compared at.
    pub(crate) fn busy(&self) -> Option<&FlatOut> {
        self.over(BUSY)
    }

    /// Over so many connections.
    pub(crate) fn over(&self, connections: usize) -> Option<&FlatOut> {
        self.flat_out.iter().find(|run| run.connections == connections)
    }

    /// What it holds, in megabytes.
    pub(crate) fn memory(&self) -> String {
        format!("{:.1} → {:.1} ({:.1})", self.idle.now, self.after.now, self.after.peak)
    }
}

impl FlatOut {
    /// In microseconds.
    pub(crate) fn micros(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6
    }

    /// Requests a second; of the slow, with a digit more.
    pub(crate) fn rate(&self) -> String {
        format!("{:.*}", usize::from(self.per_second < SLOW), self.per_second)
    }

    fn new(connections: usize, outcome: Outcome, processor: Duration) -> Result<Self> {
        outcome.check()?;
        let answered = u32::try_from(outcome.latencies.len())?.max(1);
        Ok(Self {
            connections,
            per_second: outcome.per_second(),
            processor: processor / answered,
            latency: outcome.latencies.quantiles(),
        })
    }
}

/// Makes what the case needs to be there, for each client.
pub(crate) async fn prepare(clients: &mut [Client], case: Case) -> Result {
    if case != Case::UpdateStep {
        return Ok(());
    }
    for client in clients {
        // Both may be there from an earlier round.
        let workflow = workflow_of(client.user());
        let new = json!({"workflow_id": workflow, "name": "load"});
        client.tool("workflow_create", &new, 1).await?;
        let step = json!({"workflow_id": workflow, "step_id": STEP, "description": "to be reported on"});
        client.tool("workflow_add_step", &step, 2).await?;
    }
    Ok(())
}

/// The columns of the table in the documents, after those that say who is measured.
pub(crate) const COLUMNS: &str = "\
1 conn., req/s | p50 / p99 / p99.9 ms | CPU µs | 32 conn., req/s | p50 / p99 / p99.9 ms | CPU µs | 512 conn., req/s | \
p50 / p99 / p99.9 ms | CPU µs | at 100/s: p50 / p99 / p99.9 ms | RSS idle → after (peak) MB | first answer ms | answer bytes";

/// A line under them, of `who`; or why there are no figures.
pub(crate) fn row(who: &str, cost: &Result<Cost>) -> String {
    let cost = match cost {
        Ok(cost) => cost,
        Err(error) => return not_measured(who, error.as_ref()),
    };
    let mut row = format!("| {who} |");
    for many in CONNECTIONS {
        row += &cost.over(many).map_or_else(
            || " – | – | – |".to_owned(),
            |run| format!(" {} | {} | {:.0} |", run.rate(), run.latency, run.micros()),
        );
    }
    let steady = cost.steady.map_or_else(|| "–".to_owned(), |steady| steady.to_string());
    let first = cost.first_answer.as_secs_f64() * 1e3;
    row + &format!(" {steady} | {} | {first:.0} | {} |\n", cost.memory(), cost.answer.len())
}
