//! What it costs to say which tools there are: ours and what others have, and ours said by minimal rmcp.

use serde_json::Value;

use crate::case::Case;
use crate::client::{Era, messages_in};
use crate::contender::{Contender, Programs};
use crate::cost::{self, Cost, FlatOut};
use crate::figures::not_measured;
use crate::process::Server;
use crate::{Plan, Result};

pub(crate) const COLUMNS: &str = "\
server | MCP | tools | list KB | 1 conn., lists/s | p50 / p99 / p99.9 ms | CPU µs | 32 conn., lists/s | MB/s | p50 / p99 / p99.9 ms | \
CPU µs | CPU µs a tool | 512 conn., lists/s | p50 / p99 / p99.9 ms | CPU µs | RSS idle → after (peak) MB";

/// Our tools, as JSON.
pub(crate) async fn our_tools(programs: &Programs) -> Result<String> {
    let ours = programs.ours(Era::New);
    let server = Server::start(&ours.launch).await?;
    let mut client = ours.client(&server, "tenant0", "user0").await?;
    let listed = client.call(Case::Tools).await?.well()?;
    Ok(serde_json::to_string(&tools_in(&listed)?)?)
}

/// The table's line of one.
pub(crate) async fn row(contender: &Contender, plan: &Plan) -> String {
    let who = contender.columns();
    let measured = cost::measure(contender, Case::Tools, plan).await;
    let told = measured.and_then(|cost| Ok(format!("| {who} | {}", figures(&cost)?)));
    told.unwrap_or_else(|error| not_measured(&who, error.as_ref()))
}

fn figures(cost: &Cost) -> Result<String> {
    let (tools, bytes) = (tools_in(&cost.answer)?.len(), cost.answer.len() as f64);
    let over = |many| cost.over(many).ok_or("too slow for a line");
    let (one, busy, all) = (over(1)?, over(32)?, over(512)?);
    let said = |run: &FlatOut| (run.rate(), run.latency, run.micros().round());
    let ((first, first_latency, first_cpu), (last, last_latency, last_cpu)) = (said(one), said(all));
    let (rate, latency, cpu) = said(busy);
    let (megabytes, each) = (busy.per_second * bytes / 1e6, busy.micros() / tools as f64);
    Ok(format!(
        "{tools} | {:.1} | {first} | {first_latency} | {first_cpu} | {rate} | {megabytes:.1} | {latency} | {cpu} | {each:.2} | \
         {last} | {last_latency} | {last_cpu} | {} |\n",
        bytes / 1e3,
        cost.memory()
    ))
}

/// The tools of a whole list.
fn tools_in(body: &str) -> Result<Vec<Value>> {
    for message in messages_in(body) {
        let Value::Object(mut result) = serde_json::from_str::<Value>(message)?["result"].take() else {
            continue;
        };
        if result.get("nextCursor").is_some_and(|next| !next.is_null()) {
            return Err("the list goes on with another page".into());
        }
        if let Some(Value::Array(tools)) = result.remove("tools") {
            return Ok(tools);
        }
    }
    Err("no list of tools".into())
}
