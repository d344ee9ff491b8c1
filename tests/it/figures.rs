//! Figures of the door under load that it should not be moved by. Each is printed, and held to a bound that a busy machine
//! keeps too: `cargo test --workspace --test it -- figures --nocapture`.

mod growth;
mod overload;
mod retries;
mod strangers;

use std::time::{Duration, Instant};

use quilt_tests::Result;
use quilt_tests::client::Client;
use serde_json::json;

/// How long each of so many small requests takes, one after the other. In order.
async fn timed(client: &Client, requests: usize) -> Result<Vec<Duration>> {
    let mut took = Vec::with_capacity(requests);
    for _ in 0..requests {
        let begun = Instant::now();
        client.request("resources/templates/list", json!({}), None).await?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

/// The value that so many of a hundred do not exceed.
fn percentile(sorted: &[Duration], of_hundred: usize) -> Duration {
    sorted[(sorted.len() * of_hundred / 100).min(sorted.len() - 1)]
}

/// For people who read the figures.
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
fn say(what: &str, took: &[Duration]) {
    println!("{what}: p50 {:?}, p99 {:?}", percentile(took, 50), percentile(took, 99));
}
