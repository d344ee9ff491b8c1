//! A scope that was opened is closed, however the call ends; and what a caller no longer waits for is no longer done.

use std::time::Duration;

use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::server::{Plan, Signal};
use quilt_tests::substrate::Rule;
use quilt_tests::world::{ServerRights, ada_and_ben};
use serde_json::json;

use crate::stage::{CLOSED, LIVE, OPENED, Stage, all_scopes_closed, metrics_when};

const CALLERS: u32 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn answers_and_refusals_close_their_scopes() -> Result<()> {
    let stage = Stage::of_two().await?;
    let client = stage.client("ada").await?;
    client.call("bucket_object_text", json!({"s3_uri": stage.person("ada").first_uri()})).await?;
    client.call("bucket_object_text", json!({"s3_uri": stage.person("ben").first_uri()})).await?;
    client.call("workflow_get_status", json!({"id": "nothing"})).await?;
    client.call("bucket_object_text", json!({"s3_uri": "no uri"})).await?;
    let metrics = all_scopes_closed(&stage.server, 3).await?;
    assert_eq!(metrics.sum(OPENED), metrics.sum(CLOSED));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_takes_the_scope_along() -> Result<()> {
    let stage = Stage::of_two().await?;
    let ada = stage.person("ada");
    let hold = stage.world.substrate.inject(Rule::on("s3:ListBucket").in_bucket(&ada.bucket).holds()).await?;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        // Each with a connection of its own: going away is closing it.
        let (client, bucket) = (stage.client("ada").await?, ada.bucket.clone());
        calls.spawn(async move { client.call("bucket_objects_list", json!({"bucket": bucket})).await });
    }
    hold.held(CALLERS).await?;
    assert_eq!(stage.server.metrics().await?.sum(LIVE), f64::from(CALLERS));
    calls.shutdown().await;
    // S3 still does not answer: the scopes close because the callers are gone.
    let metrics = all_scopes_closed(&stage.server, CALLERS).await?;
    assert!(metrics.with("quilt_mcp_calls_total", "cancelled") >= f64::from(CALLERS), "{metrics:#?}");
    // The endpoint has seen the server hang up, too: what nobody waits for is no longer done anywhere.
    hold.dropped(CALLERS).await?;
    hold.lift().await?;
    let log = stage.server.log.clone();
    assert!(stage.server.terminate().await?.success());
    let errors: Vec<_> = log.events().into_iter().filter(|event| event["level"] == "ERROR").collect();
    assert!(errors.is_empty(), "that callers go away is no error: {errors:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_during_the_exchange_leaves_nothing_behind() -> Result<()> {
    let stage = Stage::of_two().await?;
    let ada = stage.person("ada");
    let hold =
        stage.world.substrate.inject(Rule::on("sts:AssumeRole").by_role(&ada.role_arn).holds()).await?;
    let client = stage.client("ada").await?;
    let bucket = ada.bucket.clone();
    let call =
        tokio::spawn(async move { client.call("bucket_objects_list", json!({"bucket": bucket})).await });
    hold.held(1).await?;
    call.abort();
    all_scopes_closed(&stage.server, 1).await?;
    hold.dropped(1).await?;
    hold.lift().await?;
    let answer =
        stage.client("ada").await?.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
    assert!(answer.everything().contains(&ada.canary), "{}", answer.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_ends_a_call_and_its_scope() -> Result<()> {
    let change = |plan: Plan| plan.set("QUILT_MCP_CALL_TIMEOUT", "1s");
    let stage = Stage::planned(ada_and_ben(), ServerRights::OnlyExchange, change).await?;
    let ada = stage.person("ada");
    let hold = stage.world.substrate.inject(Rule::on("s3:ListBucket").in_bucket(&ada.bucket).holds()).await?;
    let answer =
        stage.client("ada").await?.call("bucket_objects_list", json!({"bucket": ada.bucket})).await?;
    assert_eq!(answer.error_code(), Some("cancelled"), "{}", answer.everything());
    all_scopes_closed(&stage.server, 1).await?;
    hold.dropped(1).await?;
    hold.lift().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_callers_slow_call_delays_nobody() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, ben) = (stage.person("ada"), stage.person("ben"));
    let hold = stage.world.substrate.inject(Rule::on("s3:*").in_bucket(&ada.bucket).holds()).await?;
    let client = stage.client("ada").await?;
    let bucket = ada.bucket.clone();
    let slow =
        tokio::spawn(async move { client.call("bucket_objects_list", json!({"bucket": bucket})).await });
    hold.held(1).await?;
    let quick: Client = stage.client("ben").await?;
    let answer = quick.call("bucket_object_text", json!({"s3_uri": ben.first_uri()})).await?;
    assert!(answer.everything().contains(&ben.canary), "{}", answer.everything());
    assert!(!slow.is_finished());
    hold.lift().await?;
    assert!(!slow.await??.is_error);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn termination_waits_for_calls_under_way_and_takes_no_new_ones() -> Result<()> {
    let mut stage = Stage::of_two().await?;
    let ada = stage.person("ada").clone();
    let hold = stage.world.substrate.inject(Rule::on("s3:GetObject").in_bucket(&ada.bucket).holds()).await?;
    let client = stage.client("ada").await?;
    let uri = ada.first_uri();
    let call = tokio::spawn(async move { client.call("bucket_object_text", json!({"s3_uri": uri})).await });
    hold.held(1).await?;
    metrics_when(&stage.server, |m| m.sum(LIVE) == 1.0).await?;
    stage.server.signal(Signal::TERM)?;
    stage.server.log.event("asked to stop").await?;
    let ready = format!("{}/readyz", stage.server.admin_url);
    assert_eq!(reqwest::get(&ready).await?.status(), 503);
    assert!(!call.is_finished());
    hold.lift().await?;
    let answer = call.await??;
    assert!(answer.everything().contains(&ada.canary), "{}", answer.everything());
    assert!(stage.server.ended(Duration::from_secs(30)).await?.success());
    Ok(())
}
