//! What a call costs the server itself: over real HTTP, with a token that is verified each time, without AWS.
//!
//! `ping` is answered by the MCP SDK before anything of ours but the door (Origin, Host, token): the floor. What the
//! others cost above it is the scope, the services, the tool and the answer. Run it on a machine that does nothing else:
//!
//! ```sh
//! cargo bench -p quilt-tests --bench overhead
//! ```

use std::io::Write as _;
use std::time::{Duration, Instant};

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

const WARM_UP: usize = 300;
const CALLS: usize = 3_000;

/// What is asked, and what it makes the server do.
const ASKED: &[(&str, &str, &str)] = &[
    ("ping", "", "the door and the MCP SDK alone"),
    ("tool without a service", "filesystem_status", "a scope is opened, a tool called, nothing built"),
    ("tool with one service", "get_resource", "as before, and `AuthService` is built"),
    ("tool with a store", "workflow_list_all", "as before with `WorkflowService`, and SQLite is read"),
];

fn main() -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let server = Plan::multi_tenant(&world)?
        // One caller sends far more here than one may.
        .set("QUILT_MCP_RATE_LIMIT", "0")
        .set("QUILT_MCP_TENANT_RATE_LIMIT", "0")
        .set("QUILT_MCP_LOG", "info")
        .start()
        .await?;
    let client = Client::connect(&server.url, &world.token(world.person("ada")), Era::Initialize).await?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{CALLS} calls each, one after the other, from a client on the same machine\n")?;
    writeln!(out, "{:<24} {:>9} {:>9} {:>9}   above ping (p50)", "asked", "p50 µs", "p90 µs", "p99 µs")?;
    let mut floor = None;
    for (name, tool, what) in ASKED {
        let mut times = Vec::with_capacity(CALLS);
        for i in 0..WARM_UP + CALLS {
            let start = Instant::now();
            ask(&client, tool).await?;
            if i >= WARM_UP {
                times.push(start.elapsed());
            }
        }
        times.sort();
        let [p50, p90, p99] = [50, 90, 99].map(|percent| micros(times[times.len() * percent / 100]));
        let floor = *floor.get_or_insert(p50);
        writeln!(out, "{name:<24} {p50:>9.0} {p90:>9.0} {p99:>9.0}   {:>6.0} µs   ({what})", p50 - floor)?;
    }
    let metrics = server.metrics().await?;
    let [p50, p99] = [0.5, 0.99].map(|share| metrics.quantile("quilt_mcp_call_duration_seconds", share));
    writeln!(out, "\nby the server's own histogram, over all tools: p50 <= {p50} s, p99 <= {p99} s")?;
    Ok(())
}

async fn ask(client: &Client, tool: &str) -> Result<()> {
    if tool.is_empty() {
        client.request("ping", json!({}), None).await?;
        return Ok(());
    }
    let answer = client.call(tool, Value::Object(serde_json::Map::new())).await?;
    if answer.is_error { Err(answer.everything().into()) } else { Ok(()) }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
