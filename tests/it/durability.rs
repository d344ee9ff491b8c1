//! What was acknowledged stays, what was opened is closed, and what breaks is contained: stops, kills, power cuts, full
//! disks, damaged files.
//!
//! Each has a quick form that always runs, and a long one: `QUILT_ROUNDS=50 cargo test --workspace --test it -- durability`.

mod crash;
mod damaged;
pub(crate) mod disk;
mod drain;
mod failing;
mod read_only;
mod restored;
pub(crate) mod volume;

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write as _;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use quilt_tests::Result;
use quilt_tests::client::{CallError, Client};
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;
use tokio::sync::mpsc;

use crate::stage::{CLOSED, OPENED, Stage, all_scopes_closed, client_of, long_form};

/// Calls that are cut off.
const CANCELS: usize = 10_000;

const ROUNDS: &str = "QUILT_ROUNDS";

fn rounds(quick: usize) -> usize {
    long_form(ROUNDS).unwrap_or(quick)
}

/// A figure, for whoever runs the long form.
fn tell(figures: fmt::Arguments<'_>) -> Result<()> {
    Ok(writeln!(std::io::stderr(), "{figures}")?)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_cancelled_calls_leave_no_scope() -> Result<()> {
    let change = |plan: Plan| {
        plan.set("QUILT_MCP_LOG", "warn,quilt_mcp=info").set("QUILT_MCP_MAX_CONCURRENT_CALLS", "1024")
    };
    let stage = Stage::planned(ada_and_ben(), ServerRights::OnlyExchange, change).await?;
    let (ada, ben) = (stage.person("ada"), stage.person("ben"));
    let clients: Vec<Client> = (0..32).map(|_| client_of(&stage.world, &stage.server, ada)).collect();
    let storm = (0..CANCELS).map(|number| {
        let client = &clients[number % clients.len()];
        async move {
            // Cut off at moments from before the request is read to after it is answered.
            let patience = Duration::from_micros((number as u64 * 7919) % 60_000);
            let call = match number % 4 {
                0 => client.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})),
                1 => client.call("workflow_list_all", json!({})),
                2 => client.call("auth_status", json!({})),
                _ => client.call("filesystem_status", json!({})),
            };
            tokio::time::timeout(patience, call).await.is_err()
        }
    });
    let neighbour = async {
        let client = client_of(&stage.world, &stage.server, ben);
        for _ in 0..50 {
            let answer = client.call("bucket_object_text", json!({"s3_uri": ben.first_uri()})).await?;
            assert!(answer.everything().contains(&ben.canary), "{}", answer.everything());
        }
        Ok::<_, CallError>(())
    };
    let (cut_off, neighbour) =
        tokio::join!(stream::iter(storm).buffer_unordered(16).collect::<Vec<bool>>(), neighbour);
    neighbour?;
    let cut_off = cut_off.iter().filter(|cut| **cut).count();
    let metrics = all_scopes_closed(&stage.server, 500).await?;
    assert!(cut_off > CANCELS / 10, "only {cut_off} calls were cut off");
    assert_eq!(metrics.sum(OPENED), metrics.sum(CLOSED));
    assert_eq!(metrics.with(CLOSED, "how=\"abandoned\""), 0.0);
    Ok(())
}

/// SIGKILL at a random moment of many writes; what was acknowledged is there when the server is back, and what was deleted is
/// not.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_has_lost_nothing_that_it_acknowledged() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_LOG", "warn,quilt_mcp=info");
    let mut acknowledged = vec![BTreeSet::new(); world.people.len()];
    let mut total = 0;
    let rounds = rounds(20);
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        let began = Instant::now();
        let server = plan.start().await?;
        slowest = slowest.max(began.elapsed());
        settle_accounts(&world, &server, &mut acknowledged, round).await?;
        let (told, mut heard) = mpsc::unbounded_channel();
        let mut writers = tokio::task::JoinSet::new();
        for who in 0..world.people.len() * 4 {
            let (who, lane, told) = (who % world.people.len(), who, told.clone());
            let client = client_of(&world, &server, &world.people[who]);
            writers.spawn(async move {
                for number in 0.. {
                    let id = format!("r{round}-{lane}-{number}");
                    match client.call("workflow_create", json!({"workflow_id": id, "name": id})).await {
                        Ok(answer) if !answer.is_error => drop(told.send((who, id))),
                        _ => return,
                    }
                }
            });
        }
        drop(told);
        tokio::time::sleep(Duration::from_millis((round as u64 * 37) % 150 + 20)).await;
        server.kill()?;
        while let Some((who, id)) = heard.recv().await {
            acknowledged[who].insert(id);
            total += 1;
        }
        writers.join_all().await;
    }
    let server = plan.start().await?;
    settle_accounts(&world, &server, &mut acknowledged, rounds).await?;
    assert!(total > rounds, "only {total} writes were acknowledged in {rounds} rounds");
    tell(format_args!(
        "{rounds} kills: {total} writes acknowledged, 0 lost; listening again after {slowest:?} at most"
    ))
}

/// Checks that everything acknowledged is there and nothing deleted is back, then deletes all of it.
async fn settle_accounts(
    world: &World,
    server: &Server,
    acknowledged: &mut [BTreeSet<String>],
    round: usize,
) -> Result<()> {
    for (person, acknowledged) in world.people.iter().zip(acknowledged) {
        let client = client_of(world, server, person);
        let answer = client.call("workflow_list_all", json!({})).await?;
        let list = answer.structured["workflows"].as_array().ok_or_else(|| answer.everything())?;
        let found: BTreeSet<String> =
            list.iter().filter_map(|w| w["id"].as_str()).map(String::from).collect();
        let lost: Vec<_> = acknowledged.difference(&found).collect();
        assert!(lost.is_empty(), "round {round}: {} lost {lost:?}", person.subject);
        // A write may have been made and not acknowledged, in the round before only.
        let last = format!("r{}-", round.saturating_sub(1));
        let back: Vec<_> = found.difference(acknowledged).filter(|id| !id.starts_with(&last)).collect();
        assert!(back.is_empty(), "round {round}: {} has again {back:?}", person.subject);
        for id in &found {
            assert!(!client.call("workflow_delete", json!({"id": id})).await?.is_error);
        }
        acknowledged.clear();
    }
    Ok(())
}
