//! What goes on in the next answer: queries that were sent before, and rows of a result.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::world::{MANY, Person};
use serde_json::{Value, json};

use super::{ask, at_athena};
use crate::stage::Stage;

/// More than are looked at of one workgroup in one call.
const SENT: usize = 1_130;

/// No list here takes more answers to its end.
const MANY_ANSWERS: usize = 1_000;

fn now() -> Result<f64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64())
}

/// A query that ended so many seconds before.
fn ended(id: &str, workgroup: &str, now: f64, seconds_before: usize, state: &str) -> Result<Value> {
    let submitted = now - f64::from(u32::try_from(seconds_before)?);
    Ok(json!({"id": id, "workgroup": workgroup, "sql": "SELECT 1", "submitted": submitted, "state": state}))
}

/// Ada's workgroup has so many, of which only the very oldest failed; another of hers has a few, between them.
async fn with_many_queries(stage: &Stage) -> Result<BTreeSet<String>> {
    let own = stage.person("ada").workgroup();
    let other = format!("{own}-b");
    let (mut all, now) = (Vec::new(), now()?);
    for number in 0..SENT {
        let state = if number == SENT - 1 { "FAILED" } else { "SUCCEEDED" };
        // Every tenth was sent at the same moment as the one before.
        let seconds_before = 60 + 2 * (number - usize::from(number % 10 == 9));
        all.push(ended(&format!("{own}-q{number}"), &own, now, seconds_before, state)?);
    }
    for number in 0..60 {
        all.push(ended(&format!("{other}-q{number}"), &other, now, 61 + 30 * number, "SUCCEEDED")?);
    }
    let together = all[..SENT].windows(2).filter(|two| two[0]["submitted"] == two[1]["submitted"]);
    assert_eq!(together.count(), SENT / 10);
    let wanted = json!({"workgroups": [{"name": other}], "executions": all});
    stage.world.substrate.define_at_athena(&wanted).await?;
    Ok(all.iter().filter_map(|query| query["id"].as_str()).map(String::from).collect())
}

/// One answer.
async fn history(client: &Client, mut arguments: Value, token: &Value) -> Result<Value> {
    arguments["next_token"] = token.clone();
    let answer = client.call("athena_query_history", arguments).await?;
    let shown = answer.structured.clone();
    let well = !answer.is_error && shown["is_truncated"] == shown.get("next_token").is_some();
    if well { Ok(shown) } else { Err(answer.everything().into()) }
}

fn ids(shown: &Value) -> Vec<String> {
    let entries = shown["query_history"].as_array().into_iter().flatten();
    entries.filter_map(|entry| entry["query_execution_id"].as_str()).map(String::from).collect()
}

/// All answers as their tokens lead from each to the next, and how many there were.
async fn walk(client: &Client, arguments: &Value) -> Result<(Vec<String>, usize)> {
    let (mut all, mut token) = (Vec::new(), json!(""));
    let mut times: Vec<String> = Vec::new();
    for answers in 1..=MANY_ANSWERS {
        let shown = history(client, arguments.clone(), &token).await?;
        let entries = shown["query_history"].as_array().into_iter().flatten();
        times.extend(entries.filter_map(|entry| entry["submission_time"].as_str()).map(String::from));
        all.extend(ids(&shown));
        if let Some(next) = shown.get("next_token") {
            token = next.clone();
            continue;
        }
        // All in UTC. Without the `Z` they are in the order of their texts, however many digits a fraction has.
        let newest_first =
            times.is_sorted_by(|one, next| one.trim_end_matches('Z') >= next.trim_end_matches('Z'));
        assert!(newest_first && times.len() == all.len(), "{times:?}");
        return Ok((all, answers));
    }
    Err("the history does not end".into())
}

/// Of one workgroup, and of all together.
#[tokio::test(flavor = "multi_thread")]
async fn every_query_of_a_long_history_comes_once() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let all = with_many_queries(&stage).await?;
    let of_own = json!({"workgroup_name": ada.workgroup(), "max_results": 500});
    for (arguments, expected) in [(of_own, SENT), (json!({"max_results": 333}), all.len())] {
        let (listed, answers) = walk(&client, &arguments).await?;
        let distinct: BTreeSet<&String> = listed.iter().collect();
        assert_eq!((listed.len(), distinct.len()), (expected, expected), "{arguments}");
        assert!(listed.iter().all(|id| all.contains(id)) && answers >= 3, "{arguments}: {answers} answers");
    }
    // A thousand that are not wanted: an empty answer is no end.
    let failed = json!({"workgroup_name": ada.workgroup(), "status_filter": "FAILED"});
    let first = history(&client, failed.clone(), &json!("")).await?;
    assert_eq!((&first["count"], &first["is_truncated"]), (&json!(0), &json!(true)));
    let (listed, _) = walk(&client, &failed).await?;
    assert_eq!(listed, [format!("{}-q{}", ada.workgroup(), SENT - 1)]);
    Ok(())
}

/// The double numbers what it lists, so one query more moves all others by one.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_in_between_neither_repeats_nor_hides_a_query() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let all = with_many_queries(&stage).await?;
    let question = json!({"max_results": 120});
    let (mut listed, mut token) = (Vec::new(), json!(""));
    for _ in 0..MANY_ANSWERS {
        let shown = history(&client, question.clone(), &token).await?;
        listed.extend(ids(&shown));
        let Some(next) = shown.get("next_token") else {
            let distinct: BTreeSet<String> = listed.iter().cloned().collect();
            assert_eq!((listed.len(), distinct), (all.len(), all));
            return Ok(());
        };
        token = next.clone();
        ask(&client, json!({"query": "SELECT 1 AS one", "workgroup_name": ada.workgroup()})).await?;
    }
    Err("the history does not end".into())
}

/// Athena may not get to all the queries that it is asked about together. What it left is asked for once more; if it leaves that
/// again, the caller is told, since an answer without it would be one in which a query never comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_athena_does_not_get_to_is_no_gap_in_the_history() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (own, client) = (stage.person("ada").workgroup(), stage.client("ada").await?);
    let define = async |unprocessed: [u32; 3]| {
        let (mut all, now) = (Vec::new(), now()?);
        for (number, times) in unprocessed.into_iter().enumerate() {
            all.push(ended(&format!("{own}-q{number}"), &own, now, 60 + number, "SUCCEEDED")?);
            all[number]["unprocessed"] = json!(times);
        }
        stage.world.substrate.define_at_athena(&json!({"executions": all})).await
    };
    let expected = [0, 1, 2].map(|number| format!("{own}-q{number}"));
    let question = json!({"workgroup_name": own});
    let of_these = |listed: Vec<String>| -> Vec<String> {
        listed.into_iter().filter(|id| expected.contains(id)).collect()
    };

    define([0, 1, 0]).await?;
    assert_eq!(of_these(walk(&client, &question).await?.0), expected, "it comes at the second look");

    define([0, 3, 0]).await?;
    let answer = client.call("athena_query_history", question.clone()).await?;
    assert_eq!(answer.error_code(), Some("unavailable"), "{}", answer.everything());
    assert!(answer.everything().contains("send the call again"), "{}", answer.everything());
    assert_eq!(of_these(walk(&client, &question).await?.0), expected, "sent again");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_history_is_of_its_question_and_gives_nobody_a_right() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    with_many_queries(&stage).await?;
    let own = ada.workgroup();
    let named = json!({"workgroup_name": own, "max_results": 100});
    let of_own = history(&client, named, &json!("")).await?["next_token"].clone();
    let of_all = history(&client, json!({"max_results": 100}), &json!("")).await?["next_token"].clone();
    for (arguments, said) in [
        (json!({"workgroup_name": format!("{own}-b"), "next_token": of_own}), own.as_str()),
        (json!({"next_token": of_own}), own.as_str()),
        (json!({"workgroup_name": own, "next_token": of_all}), "left out"),
        (json!({"workgroup_name": own, "status_filter": "FAILED", "next_token": of_own}), "status_filter"),
        (
            json!({"workgroup_name": own, "end_time": "2020-01-01T00:00:00Z", "next_token": of_own}),
            "end_time",
        ),
        (json!({"next_token": "nonsense"}), "next_token"),
    ] {
        let mark = stage.world.substrate.mark().await?;
        let answer = client.call("athena_query_history", arguments.clone()).await?;
        assert_eq!(answer.error_code(), Some("invalid_input"), "{arguments}: {}", answer.everything());
        assert!(answer.everything().contains(said), "{arguments}: {}", answer.everything());
        let sent = stage.world.substrate.since(mark).await?;
        assert!(!sent.iter().any(|entry| stage.world.owns(entry)), "{arguments}: refused before any effect");
    }
    // Ben brings them: he is refused where she names her workgroup, and sees nothing of it where she does not.
    let ben = stage.client("ben").await?;
    let hers = json!({"workgroup_name": own, "next_token": of_own});
    let answer = ben.call("athena_query_history", hers).await?;
    assert_eq!(answer.error_code(), Some("access_denied"), "{}", answer.everything());
    let his = history(&ben, json!({}), &of_all).await?;
    assert_eq!((&his["count"], &his["is_truncated"]), (&json!(0), &json!(false)), "{his}");
    Ok(())
}

/// The rows that follow an answer, to the end, and how many answers there were.
async fn rest(client: &Client, first: Value, most: usize) -> Result<(Vec<Value>, usize)> {
    let (mut rows, mut shown) = (Vec::new(), first);
    for answers in 1..=MANY_ANSWERS {
        rows.extend(shown["formatted_data"].as_array().into_iter().flatten().cloned());
        assert_eq!(shown["truncated"], shown.get("next_token").is_some(), "{}", shown["truncated_by"]);
        let Some(next) = shown.get("next_token") else { return Ok((rows, answers)) };
        let further = json!({"query_execution_id": shown["query_execution_id"], "next_token": next,
                             "max_results": most});
        let answer = client.call("athena_query_results", further).await?;
        if answer.is_error {
            return Err(answer.everything().into());
        }
        shown = answer.structured;
    }
    Err("the rows do not end".into())
}

fn numbers(rows: &[Value]) -> Vec<u64> {
    rows.iter().filter_map(|row| row["id"].as_u64()).collect()
}

/// Cut by rows and by bytes, each row comes once and in order, and the query runs once.
#[tokio::test(flavor = "multi_thread")]
async fn the_rows_that_an_answer_leaves_out_follow_in_the_next() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let expected: Vec<u64> = (0..MANY as u64).collect();
    let long = "SELECT id, printf('%.*c', 20000, 'x') AS filling FROM many";
    for (query, most, cut_by) in [
        ("SELECT * FROM many", 700, "max_results"),
        ("SELECT * FROM many", 70, "max_results"),
        (long, 2_500, "size"),
    ] {
        let mark = stage.world.substrate.mark().await?;
        let asked = json!({"query": query, "database_name": ada.database(), "max_results": most});
        let first = ask(&client, asked).await?.structured;
        assert_eq!(first["truncated_by"], cut_by);
        let (rows, answers) = rest(&client, first, most).await?;
        assert_eq!(numbers(&rows), expected, "{query} in answers of {most}");
        assert!(answers > 1 && answers >= MANY / most, "{query}: {answers} answers of {most}");
        let entries = stage.world.substrate.since(mark).await?;
        let own: Vec<_> = entries.into_iter().filter(|entry| stage.world.owns(entry)).collect();
        assert_eq!(at_athena(&own, "athena:StartQueryExecution"), 1, "{query}");
    }
    Ok(())
}

/// Also where the result is longer than any answer, and the query was sent by somebody else who shares the workgroup.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_of_the_history_is_read_without_running_the_query_again() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let id = format!("{}-long", ada.workgroup());
    let long = json!({"id": id, "workgroup": ada.workgroup(), "sql": "SELECT * FROM long", "numbered": 12_500,
                      "columns": [["id", "integer"], ["name", "varchar"]]});
    stage.world.substrate.define_at_athena(&json!({"executions": [long]})).await?;
    let mark = stage.world.substrate.mark().await?;
    let asked = json!({"query_execution_id": id, "max_results": 10_000});
    let first = client.call("athena_query_results", asked).await?.structured;
    assert_eq!((&first["row_count"], &first["query"]), (&json!(10_000), &json!("SELECT * FROM long")));
    let (rows, answers) = rest(&client, first, 10_000).await?;
    assert_eq!((numbers(&rows), answers), ((0..12_500).collect(), 2));
    let entries = stage.world.substrate.since(mark).await?;
    let own: Vec<_> = entries.into_iter().filter(|entry| stage.world.owns(entry)).collect();
    assert_eq!(at_athena(&own, "athena:StartQueryExecution"), 0);
    Ok(())
}

async fn refused(client: &Client, arguments: Value, code: &str, said: &str) -> Result<()> {
    let answer = client.call("athena_query_results", arguments.clone()).await?;
    assert_eq!(answer.error_code(), Some(code), "{arguments}: {}", answer.everything());
    assert!(answer.everything().contains(said), "{arguments}: {}", answer.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_anothers_or_is_none_is_refused() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let first = json!({"query": "SELECT * FROM many", "database_name": ada.database(), "max_results": 10});
    let first = ask(&client, first).await?.structured;
    let (id, token) = (&first["query_execution_id"], &first["next_token"]);
    let of = |id: &Value, token: &Value| json!({"query_execution_id": id, "next_token": token});
    // Her id, with her token and without, in another's hands.
    let ben = stage.client("ben").await?;
    refused(&ben, of(id, token), "access_denied", "athena:GetQueryExecution").await?;
    refused(&ben, of(id, &json!("")), "access_denied", "athena:GetQueryExecution").await?;
    // A token of another query, though it is her own, and texts that are none.
    let finished = json!(ada.finished_query());
    refused(&client, of(&finished, token), "invalid_input", "another query's result").await?;
    refused(&client, of(id, &json!("nonsense")), "invalid_input", "next_token").await?;
    refused(&client, of(&json!("no-such-query"), &json!("")), "not_found", "athena_query_history").await?;
    states_without_a_result(&stage, ada, &client).await
}

async fn states_without_a_result(stage: &Stage, ada: &Person, client: &Client) -> Result<()> {
    let own = ada.workgroup();
    let (running, stopped) = (format!("{own}-running"), format!("{own}-stopped"));
    let mut endless = ended(&running, &own, now()?, 5, "RUNNING")?;
    endless["sql"] = json!(format!("SELECT * FROM {}.endless", ada.database()));
    let executions = json!([endless, ended(&stopped, &own, now()?, 5, "CANCELLED")?]);
    stage.world.substrate.define_at_athena(&json!({"executions": executions})).await?;
    refused(client, json!({"query_execution_id": running}), "invalid_state", "not ended yet").await?;
    refused(client, json!({"query_execution_id": stopped}), "cancelled", "stopped").await?;
    let failing = json!({"query": "SELECT * FROM nowhere", "database_name": ada.database()});
    ask(client, failing).await?;
    let failed = json!({"status_filter": "FAILED"});
    let failed = &ids(&client.call("athena_query_history", failed).await?.structured)[0];
    refused(client, json!({"query_execution_id": failed}), "not_found", "nowhere").await
}
