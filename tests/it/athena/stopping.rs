//! A query that nobody waits for any more is stopped at Athena.

use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::server::Plan;
use quilt_tests::substrate::{Entry, Rule};
use quilt_tests::world::{Person, ServerRights, ada_and_ben};
use serde_json::{Value, json};

use super::{ask, at_athena};
use crate::stage::{Stage, all_scopes_closed};

fn endless(person: &Person) -> Value {
    json!({"query": "SELECT * FROM endless", "database_name": person.database(), "workgroup_name": person.workgroup()})
}

/// The states of what the caller sent, the newest first.
async fn states(client: &Client) -> Result<Vec<Value>> {
    let history = client.call("athena_query_history", json!({})).await?.structured;
    let entries = history["query_history"].as_array().cloned().unwrap_or_default();
    Ok(entries.into_iter().map(|mut entry| entry["status"].take()).collect())
}

fn stopped_by<'e>(entries: &'e [Entry], person: &Person) -> Vec<&'e Entry> {
    let stops = |entry: &&Entry| entry.action.as_deref() == Some("athena:StopQueryExecution");
    entries
        .iter()
        .filter(stops)
        .filter(|entry| entry.role_arn.as_ref() == Some(&person.role_arn) && entry.status == 200)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_stops_the_query() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client, substrate) = (stage.person("ada"), stage.client("ada").await?, stage.world.substrate);
    let mark = substrate.mark().await?;
    let looks = substrate.inject(Rule::on("athena:GetQueryExecution").by_role(&ada.role_arn).holds()).await?;
    tokio::select! {
        answer = ask(&client, endless(ada)) => return Err(format!("it was answered: {answer:?}").into()),
        held = looks.held(1) => held?,
    }
    all_scopes_closed(&stage.server, 1).await?;
    looks.lift().await?;
    assert_eq!(stopped_by(&substrate.since(mark).await?, ada).len(), 1);
    assert_eq!(states(&client).await?, ["CANCELLED"]);
    Ok(())
}

/// The start is under way, so nobody knows yet what the query is called.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_while_the_query_starts_stops_it_too() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client, substrate) = (stage.person("ada"), stage.client("ada").await?, stage.world.substrate);
    let mark = substrate.mark().await?;
    let start =
        substrate.inject(Rule::on("athena:StartQueryExecution").by_role(&ada.role_arn).holds()).await?;
    tokio::select! {
        answer = ask(&client, endless(ada)) => return Err(format!("it was answered: {answer:?}").into()),
        held = start.held(1) => held?,
    }
    start.lift().await?;
    all_scopes_closed(&stage.server, 1).await?;
    let entries = substrate.since(mark).await?;
    assert_eq!(at_athena(&entries, "athena:StartQueryExecution"), 1);
    assert_eq!(stopped_by(&entries, ada).len(), 1);
    assert_eq!(states(&client).await?, ["CANCELLED"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_takes_too_long_is_stopped() -> Result<()> {
    let limited = |plan: Plan| plan.set("QUILT_MCP_ATHENA_TIME_LIMIT", "1s");
    let stage = Stage::planned(ada_and_ben(), ServerRights::OnlyExchange, limited).await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let answer = ask(&client, endless(ada)).await?;
    assert_eq!(answer.error_code(), Some("limit_exceeded"), "{}", answer.everything());
    assert_eq!(states(&client).await?, ["CANCELLED"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_of_the_call_stops_the_query() -> Result<()> {
    let limited = |plan: Plan| plan.set("QUILT_MCP_CALL_TIMEOUT", "2s");
    let stage = Stage::planned(ada_and_ben(), ServerRights::OnlyExchange, limited).await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let answer = ask(&client, endless(ada)).await?;
    assert_eq!(answer.error_code(), Some("cancelled"), "{}", answer.everything());
    all_scopes_closed(&stage.server, 1).await?;
    assert_eq!(states(&client).await?, ["CANCELLED"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_has_ended_is_not_stopped() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let mark = stage.world.substrate.mark().await?;
    let query = json!({"query": "SELECT 1 AS one", "workgroup_name": ada.workgroup()});
    assert!(!ask(&client, query).await?.is_error);
    all_scopes_closed(&stage.server, 1).await?;
    let entries = stage.world.substrate.since(mark).await?;
    assert_eq!(stopped_by(&entries, ada).len(), 0);
    Ok(())
}
