//! What a request costs: time to answer, requests a second, processor time, memory, and how long until the first answer.

use std::time::Duration;

use serde_json::json;

use crate::case::{Case, STEP, WORKFLOW};
use crate::client::{Client, Era};
use crate::contender::Contender;
use crate::drive::{Outcome, closed, open};
use crate::figures::Quantiles;
use crate::process::{Memory, Server};
use crate::{Plan, Result};

/// How many connections.
const CONNECTIONS: [usize; 3] = [1, 32, 512];
/// Requests a second in the open loop: few enough for all but `quilt-mcp` of PyPI, which manages some 50.
const RATE: f64 = 100.0;
const WARM_UP: Duration = Duration::from_millis(800);

/// What one contender takes for one case.
pub(crate) struct Cost {
    pub(crate) idle: Memory,
    pub(crate) after: Memory,
    pub(crate) first_answer: Duration,
    /// At [`RATE`] over 32 connections.
    pub(crate) steady: Quantiles,
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
    cost.map_err(|error| {
        format!("{}, {}: {error}\n{}", contender.name, contender.era.name(), server.last_words()).into()
    })
}

async fn load(contender: &Contender, server: &Server, case: Case, plan: &Plan) -> Result<Cost> {
    let mut first = contender.clients(server, 1).await?;
    prepare(&mut first, case).await?;
    first[0].call(case).await?;
    let first_answer = server.started.elapsed();
    let idle = server.memory()?;

    let mut flat_out = Vec::new();
    for many in CONNECTIONS {
        let mut clients = contender.clients(server, many).await?;
        prepare(&mut clients, case).await?;
        let warm = closed(clients, case, WARM_UP).await?;
        let before = server.processor()?;
        let outcome = closed(warm.clients, case, plan.length).await?;
        flat_out.push(FlatOut::new(many, outcome, server.processor()? - before)?);
    }
    let mut clients = contender.clients(server, 32).await?;
    prepare(&mut clients, case).await?;
    let steady = open(clients, case, RATE, plan.length).await?;
    steady.check()?;
    let steady = steady.latencies.quantiles();
    Ok(Cost { idle, after: server.memory()?, first_answer, steady, flat_out })
}

impl Cost {
    /// Over 32 connections, which is what servers are compared at.
    pub(crate) fn busy(&self) -> Option<&FlatOut> {
        self.flat_out.iter().find(|run| run.connections == 32)
    }
}

impl FlatOut {
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
        let new = json!({"workflow_id": WORKFLOW, "name": "load"});
        client.tool("workflow_create", &new, 1).await?;
        let step = json!({"workflow_id": WORKFLOW, "step_id": STEP, "description": "to be reported on"});
        client.tool("workflow_add_step", &step, 2).await?;
    }
    Ok(())
}

/// A line of the table in the documents, and the same head for all.
pub(crate) const HEAD: &str = "\
| server | MCP | 1 conn., req/s | p50 / p99 / p99.9 ms | CPU µs | 32 conn., req/s | p50 / p99 / p99.9 ms | CPU µs | 512 conn., \
req/s | p50 / p99 / p99.9 ms | CPU µs | at 100/s: p50 / p99 / p99.9 ms | RSS idle → after (peak) MB | first answer ms |\n\
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";

pub(crate) fn row(name: &str, era: Era, cost: &Cost) -> String {
    let mut row = format!("| {name} | {} |", era.name());
    for FlatOut { per_second, latency, processor, .. } in &cost.flat_out {
        row += &format!(" {per_second:.0} | {latency} | {:.0} |", processor.as_secs_f64() * 1e6);
    }
    row + &format!(
        " {} | {:.1} → {:.1} ({:.1}) | {:.0} |\n",
        cost.steady,
        cost.idle.now,
        cost.after.now,
        cost.after.peak,
        cost.first_answer.as_secs_f64() * 1e3
    )
}
