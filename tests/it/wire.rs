//! The record of the endpoint, the log of the server and the callers' own account of what they did agree.

use std::collections::BTreeMap;
use std::io::Write as _;

use quilt_tests::Result;
use quilt_tests::judge::{assert_clean, log_agrees, record_agrees};
use quilt_tests::world::{ServerRights, Wanted};
use serde_json::json;

use crate::isolation::{Play, play};
use crate::stage::Stage;
use crate::tools;

#[tokio::test(flavor = "multi_thread")]
async fn record_and_log_agree_with_who_asked_for_every_call() -> Result<()> {
    let stage = Stage::start_in(tools::world(ServerRights::Everything).await?).await?;
    let world = &stage.world;
    let mark = world.substrate.mark().await?;
    let play_as = Play { mode: "auto", together: 8, round: "wire" };
    assert_clean("the play itself", &play(world, &stage.server, &tools::cases(), play_as).await?);
    let entries = world.substrate.since(mark).await?;
    assert_clean("record", &record_agrees(world, &entries));

    // Both people were at work, each under their own name.
    for person in &world.people {
        let named = entries.iter().filter(|e| e.role_arn.as_ref() == Some(&person.role_arn));
        let mut identities: Vec<_> = named.filter_map(|e| e.source_identity.as_deref()).collect();
        identities.dedup();
        assert_eq!(identities, [person.subject.as_str()]);
    }

    // The log is complete once the process has ended.
    let log = stage.server.log.clone();
    let world = stage.world;
    assert!(stage.server.terminate().await?.success());
    log.closed().await;
    assert_clean("log", &log_agrees(&world, &log, &entries));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_signed_objects_cost_one_exchange() -> Result<()> {
    let stage =
        Stage::of([Wanted::new("acme", "ada").with_objects(1_000)], ServerRights::OnlyExchange).await?;
    let (world, ada) = (&stage.world, stage.person("ada"));
    let mark = world.substrate.mark().await?;
    let listing = json!({"bucket": ada.bucket, "include_signed_urls": true, "max_keys": 1_000});
    let answer = stage.client("ada").await?.call("bucket_objects_list", listing).await?;
    let objects = answer.structured["objects"].as_array().ok_or("a list of objects")?;
    assert_eq!(objects.len(), 1_000);
    assert!(objects.iter().all(|object| object["signed_url"].is_string()), "{}", answer.everything());

    let entries = world.substrate.since(mark).await?;
    let mine: Vec<_> = entries.iter().filter(|entry| world.owns(entry)).collect();
    assert_eq!(mine.iter().filter(|entry| entry.is_exchange()).count(), 1, "{mine:#?}");
    assert_eq!(mine.iter().filter(|entry| entry.is_s3()).count(), 1, "{mine:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_of_any_tool_exchanges_twice() -> Result<()> {
    let stage = Stage::start_in(tools::world(ServerRights::OnlyExchange).await?).await?;
    let mark = stage.world.substrate.mark().await?;
    let play_as = Play { mode: "auto", together: 8, round: "once" };
    assert_clean("the play itself", &play(&stage.world, &stage.server, &tools::cases(), play_as).await?);
    let entries = stage.world.substrate.since(mark).await?;
    let mut exchanges: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| stage.world.owns(entry) && entry.is_exchange()) {
        *exchanges.entry(entry.request_id().ok_or("an exchange names its request")?).or_default() += 1;
    }
    assert!(!exchanges.is_empty());
    let twice: Vec<_> = exchanges.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_costs_no_exchange_at_all() -> Result<()> {
    let stage = Stage::of_two().await?;
    let mark = stage.world.substrate.mark().await?;
    let client = stage.client("ada").await?;
    client.call("workflow_create", json!({"workflow_id": "w", "name": "w"})).await?;
    let answer = client.call("workflow_list_all", json!({})).await?;
    assert_eq!(answer.structured["total_workflows"], 1, "{}", answer.everything());
    let entries = stage.world.substrate.since(mark).await?;
    let mine: Vec<_> = entries.iter().filter(|entry| stage.world.owns(entry)).collect();
    assert!(mine.is_empty(), "{mine:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_exported() -> Result<()> {
    let stage = Stage::of_two().await?;
    let client = stage.client("ada").await?;
    client.call("auth_status", json!({})).await?;
    client.call("bucket_object_text", json!({"s3_uri": stage.person("ada").first_uri()})).await?;
    let metrics = crate::stage::all_scopes_closed(&stage.server, 2).await?;
    for name in [
        "quilt_mcp_scopes_opened_total",
        "quilt_mcp_scopes_closed_total",
        "quilt_mcp_scopes_live",
        "quilt_mcp_services_built_total",
        "quilt_mcp_services_destroyed_total",
        "quilt_mcp_calls_total",
        "quilt_mcp_call_duration_seconds_count",
        "quilt_mcp_credential_exchanges_total",
    ] {
        assert!(metrics.has(name), "{name} is missing in {metrics:#?}");
    }
    assert!(metrics.sum("quilt_mcp_credential_exchanges_total") >= 1.0);
    let built = metrics.sum("quilt_mcp_services_built_total");
    assert!(built >= 1.0, "{metrics:#?}");
    assert_eq!(
        metrics.sum("quilt_mcp_services_destroyed_total"),
        built,
        "what is built is gone with its scope"
    );
    Ok(())
}

/// The server's own share of a call, without AWS and without the store. The requirement is under 10 ms.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_costs_the_server_less_than_ten_milliseconds() -> Result<()> {
    let stage = Stage::of_two().await?;
    let client = stage.client("ada").await?;
    for _ in 0..500 {
        assert!(!client.call("filesystem_status", json!({})).await?.is_error);
    }
    let metrics = crate::stage::all_scopes_closed(&stage.server, 500).await?;
    let [p50, p99] = [0.5, 0.99].map(|share| metrics.quantile("quilt_mcp_call_duration_seconds", share));
    writeln!(std::io::stderr(), "a call without AWS, unoptimised: p50 <= {p50} s, p99 <= {p99} s")?;
    // The 99th percentile is reported and not required: the machine may be busy with the other tests.
    assert!(p50 < 0.010, "p50 is {p50} s");
    Ok(())
}
