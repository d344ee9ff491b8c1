//! A long run in which one call in a hundred panics: everybody else is served, every scope is closed, every panic is counted,
//! and the server is as large after it as before.
//!
//! The long form: `QUILT_CALLS=100000 cargo test --workspace --test it -- figures::growth --nocapture`.

use std::path::Path;

use futures_util::{StreamExt as _, stream};
use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::memory::resident;
use quilt_tests::metrics::Metrics;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, Wanted, World, ada_and_ben};
use serde_json::json;

use crate::stage::{CLOSED, LIVE, OPENED, Stage, client_of, long_form, metrics_when};

/// After so many it has what it needs.
const WARM: usize = 1_500;
/// How many at once.
const TOGETHER: usize = 8;
/// One in so many panics.
const PANICS: usize = 100;
/// At so many moments its size is looked at.
const LOOKS: usize = 10;
/// By how much it may grow in the short form, in which its allocator's habits count for most.
const GROWTH: f64 = 8.0 * MIB;
/// By how much it may grow for 100,000 calls.
const SLOPE: f64 = MIB;
const MIB: f64 = 1024.0 * 1024.0;

/// What was seen.
#[derive(Debug)]
struct Run {
    calls: usize,
    panicked: usize,
    metrics: Metrics,
    /// By how much the server grows with each call, in bytes, by least squares over the moments.
    slope: f64,
}

impl Run {
    fn grew(&self) -> f64 {
        self.slope * self.calls as f64
    }
}

fn calls() -> Option<usize> {
    long_form("QUILT_CALLS")
}

/// So many calls of a server with this fault. All but pam's are to be answered well.
async fn run(fault: &str, calls: usize) -> Result<Run> {
    let [ada, ben] = ada_and_ben();
    let world = World::of([ada, ben, Wanted::new("zeta", "pam")], ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant_with(Path::new(env!("CARGO_BIN_EXE_twin")), &world)?
        .set("QUILT_TWIN", fault)
        .set("QUILT_TWIN_PANICS_FOR", &world.person("pam").subject)
        .set("QUILT_MCP_LOG", "warn,quilt_mcp=info")
        .set("QUILT_MCP_RATE_LIMIT", "0")
        .set("QUILT_MCP_TENANT_RATE_LIMIT", "0");
    let stage = Stage::start(world, plan).await?;
    let clients: Vec<Client> =
        (0..TOGETHER).map(|n| client_of(&stage.world, &stage.server, &stage.world.people[n % 2])).collect();
    let pam = client_of(&stage.world, &stage.server, stage.person("pam"));
    let one = async |number: usize| -> Result<usize> {
        let client = &clients[number % TOGETHER];
        let own = &stage.world.people[number % TOGETHER % 2];
        if number.is_multiple_of(PANICS) {
            let uri = stage.person("pam").first_uri();
            let answer = pam.call("bucket_object_text", json!({"s3_uri": uri})).await?;
            return match answer.error_code() {
                Some("internal") => Ok(1),
                _ if fault != "panic" => Ok(0),
                _ => Err(format!("it did not panic: {}", answer.everything()).into()),
            };
        }
        let answer = match number % 10 {
            1 => client.call("bucket_object_text", json!({"s3_uri": own.first_uri()})).await?,
            2 => client.call("workflow_list_all", json!({})).await?,
            _ => client.call("filesystem_status", json!({})).await?,
        };
        if answer.is_error { Err(answer.everything().into()) } else { Ok(0) }
    };
    let mut panicked = 0;
    let mut sizes = Vec::new();
    let mut done = 0;
    let steps = std::iter::once(WARM).chain(std::iter::repeat_n(calls / LOOKS, LOOKS));
    for step in steps {
        let numbers = stream::iter(done..done + step).map(&one);
        for result in numbers.buffer_unordered(TOGETHER).collect::<Vec<_>>().await {
            panicked += result?;
        }
        done += step;
        sizes.push((done as f64, resident(stage.server.process_id())? as f64));
    }
    let metrics = metrics_when(&stage.server, |m| m.sum(LIVE) == 0.0 && m.sum(CLOSED) == done as f64).await?;
    Ok(Run { calls, panicked, metrics, slope: slope(&sizes) })
}

/// Of the line that fits best.
fn slope(points: &[(f64, f64)]) -> f64 {
    let number = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / number;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let along: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    along / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}

#[expect(clippy::print_stdout, reason = "figures are what this is for")]
#[tokio::test(flavor = "multi_thread")]
async fn a_long_run_with_panics_leaves_the_server_as_large_as_it_was() -> Result<()> {
    let run = run("panic", calls().unwrap_or(3_000)).await?;
    let done = WARM + run.calls;
    println!(
        "{done} calls, {} of them panicked, {} scopes opened and {} closed; {:.2} MiB more for 100,000 calls",
        run.panicked,
        run.metrics.sum(OPENED),
        run.metrics.sum(CLOSED),
        run.slope * 100_000.0 / MIB,
    );
    assert_eq!(run.panicked, done.div_ceil(PANICS));
    assert_eq!(run.metrics.with(CLOSED, "how=\"panicked\""), run.panicked as f64);
    assert_eq!(run.metrics.with("quilt_mcp_calls_total", "outcome=\"fault\""), run.panicked as f64);
    assert_eq!(run.metrics.sum(OPENED), done as f64);
    assert!(run.grew() < GROWTH, "{run:?}");
    assert!(calls().is_none() || run.slope * 100_000.0 < SLOPE, "{} bytes a call", run.slope);
    Ok(())
}

/// A server that keeps something of each exchange is seen to grow.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_keeps_something_of_each_request_is_caught() -> Result<()> {
    let run = run("hoard", 3_000).await?;
    assert!(run.grew() > GROWTH, "{run:?}");
    Ok(())
}
