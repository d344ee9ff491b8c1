//! Athena: what comes back, what is refused before anything is sent, and what is seen of whose queries.

mod crowd;
mod further;
mod pages;
mod stopping;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::{StreamExt, TryStreamExt, stream};
use quilt_tests::Result;
use quilt_tests::client::{Answer, Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::substrate::Entry;
use quilt_tests::world::{MANY, ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

use crate::stage::Stage;

pub(crate) async fn ask(client: &Client, arguments: Value) -> Result<Answer> {
    Ok(client.call("athena_query_execute", arguments).await?)
}

fn at_athena(entries: &[Entry], action: &str) -> usize {
    entries.iter().filter(|entry| entry.action.as_deref() == Some(action)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_has_types_and_tells_nulls_from_empty_texts() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let query = "SELECT id, note, score, done, day FROM notes ORDER BY id";
    let of = |format: &str| json!({"query": query, "database_name": ada.database(), "output_format": format});

    let json = ask(&client, of("json")).await?.structured;
    let rows = json!([
        {"id": 1, "note": ada.canary, "score": 0.5, "done": true, "day": "2026-01-01"},
        {"id": 2, "note": "", "score": null, "done": null, "day": "2026-01-01"},
        {"id": 3, "note": null, "score": -1.5, "done": false, "day": "2026-01-02"},
    ]);
    assert_eq!(json["formatted_data"], rows);
    assert_eq!(
        json["dtypes"],
        json!({"id": "bigint", "note": "varchar", "score": "double", "done": "boolean", "day": "date"})
    );
    assert_eq!((&json["row_count"], &json["truncated"]), (&json!(3), &json!(false)));

    let csv = ask(&client, of("csv")).await?.structured;
    let expected = format!(
        "\"id\",\"note\",\"score\",\"done\",\"day\"\n\"1\",\"{}\",\"0.5\",\"true\",\"2026-01-01\"\n\
         \"2\",\"\",,,\"2026-01-01\"\n\"3\",,\"-1.5\",\"false\",\"2026-01-02\"\n",
        ada.canary
    );
    assert_eq!(csv["formatted_data"], expected);

    let table = ask(&client, of("table")).await?.structured;
    assert!(table["formatted_data"].as_str().is_some_and(|text| text.contains("NULL")), "{table}");

    let parquet = ask(&client, of("parquet")).await?.structured;
    let file = BASE64_STANDARD.decode(parquet["formatted_data"].as_str().unwrap_or_default())?;
    assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_result_is_read_in_pages_up_to_the_rows_that_are_wanted() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let of = |rows: usize| {
        json!({"query": "SELECT * FROM many", "database_name": ada.database(), "max_results": rows,
               "workgroup_name": ada.workgroup()})
    };
    let mark = stage.world.substrate.mark().await?;
    let all = ask(&client, of(10_000)).await?.structured;
    assert_eq!((&all["row_count"], &all["truncated"]), (&json!(MANY), &json!(false)));
    assert_eq!(all["formatted_data"][MANY - 1], json!({"id": MANY - 1, "name": format!("row {}", MANY - 1)}));
    let pages = at_athena(&stage.world.substrate.since(mark).await?, "athena:GetQueryResults");
    assert!(pages >= 3, "{pages} pages");

    let some = ask(&client, of(1_500)).await?.structured;
    assert_eq!((&some["row_count"], &some["truncated_by"]), (&json!(1_500), &json!("max_results")));
    let exactly = ask(&client, of(MANY)).await?.structured;
    assert_eq!((&exactly["row_count"], &exactly["truncated"]), (&json!(MANY), &json!(false)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_too_long_is_cut_and_says_so() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let query = "SELECT id, printf('%.*c', 20000, 'x') AS filling FROM many";
    let answer =
        ask(&client, json!({"query": query, "database_name": ada.database(), "max_results": 2500})).await?;
    let shown = &answer.structured;
    assert_eq!(shown["truncated_by"], "size", "{}", answer.text.get(..2000).unwrap_or_default());
    // 4 MiB hold so many rows of 20,000 bytes.
    assert!(
        shown["row_count"].as_u64().is_some_and(|rows| (150..=210).contains(&rows)),
        "{}",
        shown["row_count"]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_more_than_read_is_not_sent() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let mark = stage.world.substrate.mark().await?;
    for (query, code) in [
        ("DROP TABLE notes", "unsupported"),
        ("/* SELECT */ DELETE FROM notes", "unsupported"),
        ("WITH a AS (DELETE FROM notes RETURNING *) SELECT * FROM a", "unsupported"),
        ("SELECT 1; DROP TABLE notes", "invalid_input"),
        ("--\rDROP TABLE\nnotes", "invalid_input"),
        ("FROM notes", "invalid_input"),
        ("SELECT `note` FROM notes", "invalid_input"),
        ("", "invalid_input"),
    ] {
        let arguments = json!({"query": query, "database_name": ada.database()});
        let answer = ask(&client, arguments.clone()).await?;
        assert_eq!(answer.error_code(), Some(code), "{query}: {}", answer.everything());
        let checked = client.call("athena_query_validate", json!({"query": query})).await?;
        assert_eq!(checked.structured["valid"], false, "{query}: {}", checked.everything());
    }
    let sent = stage.world.substrate.since(mark).await?;
    let ours: Vec<_> = sent.iter().filter(|entry| stage.world.owns(entry)).collect();
    assert!(ours.is_empty(), "refused before any effect: {ours:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_let_callers_write() -> Result<()> {
    let stage = Stage::planned(ada_and_ben(), ServerRights::Everything, |plan| {
        plan.set("QUILT_MCP_ATHENA_WRITES", "true")
    })
    .await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let of = |query: &str| json!({"query": query, "database_name": ada.database()});
    let dropped = ask(&client, of("DROP TABLE many")).await?;
    assert!(!dropped.is_error, "{}", dropped.everything());
    let tables = client.call("athena_tables_list", json!({"database": ada.database()})).await?;
    assert!(!tables.everything().contains("\"many\""), "{}", tables.everything());
    // Still one statement a call, and still with one's own rights.
    assert_eq!(ask(&client, of("DROP TABLE a; DROP TABLE b")).await?.error_code(), Some("invalid_input"));
    let foreign = format!("DROP TABLE {}.notes", stage.person("ben").database());
    assert_eq!(ask(&client, of(&foreign)).await?.error_code(), Some("access_denied"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_fails_says_why() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    for (query, code, said) in [
        ("SELECT * FROM nowhere", "not_found", "nowhere"),
        ("SELECT nothing FROM notes", "invalid_input", "nothing"),
    ] {
        let answer = ask(&client, json!({"query": query, "database_name": ada.database()})).await?;
        assert_eq!(answer.error_code(), Some(code), "{}", answer.everything());
        assert!(answer.everything().contains(said), "{}", answer.everything());
    }
    let elsewhere = json!({"query": "SELECT 1", "workgroup_name": stage.person("ben").workgroup()});
    let answer = ask(&client, elsewhere).await?;
    assert_eq!(answer.error_code(), Some("access_denied"), "{}", answer.everything());
    assert!(answer.everything().contains("athena:StartQueryExecution"), "{}", answer.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_workgroup_is_used_where_none_is_named() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let ada = world.person("ada");
    let (plain, disabled) = (format!("{}-plain", ada.workgroup()), format!("{}-off", ada.workgroup()));
    let wanted = json!([{"name": plain}, {"name": disabled, "state": "DISABLED"}]);
    world.substrate.define_at_athena(&json!({"workgroups": wanted})).await?;
    for (workgroup, code) in [
        (ada.workgroup(), None),
        (plain, Some("invalid_input")),
        (disabled, Some("invalid_state")),
        (world.person("ben").workgroup(), Some("access_denied")),
        ("nowhere".to_owned(), Some("access_denied")),
    ] {
        let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_ATHENA_WORKGROUP", &workgroup);
        let server = plan.start().await?;
        let client = Client::connect(&server.url, &world.token(ada), Era::Stateless).await?;
        let answer = ask(&client, json!({"query": "SELECT 1 AS one"})).await?;
        assert_eq!(answer.error_code(), code, "{workgroup}: {}", answer.everything());
        // A name in the call counts more.
        let named =
            ask(&client, json!({"query": "SELECT 1 AS one", "workgroup_name": ada.workgroup()})).await?;
        assert_eq!(named.structured["workgroup"], ada.workgroup(), "{}", named.everything());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_is_of_the_window_the_state_and_the_caller() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let of = |query: &str| json!({"query": query, "database_name": ada.database(), "workgroup_name": ada.workgroup()});
    let queries = (0..60).map(|number| ask(&client, of(&format!("SELECT {number} AS n"))));
    stream::iter(queries).buffer_unordered(8).try_collect::<Vec<_>>().await?;
    ask(&client, of("SELECT * FROM nowhere")).await?;
    let history = async |arguments: Value| -> Result<Value> {
        Ok(client.call("athena_query_history", arguments).await?.structured)
    };
    // More than one page of Athena's.
    let all = history(json!({"max_results": 500})).await?;
    assert_eq!((&all["count"], &all["is_truncated"]), (&json!(61), &json!(false)));
    assert_eq!(all["query_history"][0]["query"], "SELECT * FROM nowhere", "the newest first");
    let some = history(json!({"max_results": 5})).await?;
    assert_eq!((&some["count"], &some["is_truncated"]), (&json!(5), &json!(true)));
    let failed = history(json!({"status_filter": "FAILED"})).await?;
    assert_eq!(failed["count"], 1, "{failed}");
    assert!(failed["query_history"][0]["error_message"].as_str().is_some_and(|why| why.contains("nowhere")));
    let before = history(json!({"end_time": "2020-01-01T00:00:00Z"})).await?;
    assert_eq!(before["count"], 0, "{before}");
    let turned = client
        .call(
            "athena_query_history",
            json!({"start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"}),
        )
        .await?;
    assert_eq!(turned.error_code(), Some("invalid_input"), "{}", turned.everything());
    // Ben may list the names of all workgroups, and sees nothing of what was asked in hers.
    let bens = stage.client("ben").await?.call("athena_query_history", json!({})).await?;
    assert_eq!(bens.structured["count"], 0, "{}", bens.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_can_be_read_as_resources_by_whose_it_is() -> Result<()> {
    let stage = Stage::of_two().await?;
    for name in ["ada", "ben"] {
        let (person, client) = (stage.person(name), stage.client(name).await?);
        let query = format!("SELECT '{}' AS asked", person.canary);
        ask(&client, json!({"query": query, "workgroup_name": person.workgroup()})).await?;
        let other = stage.world.people.iter().find(|other| other.subject != person.subject);
        let other = other.ok_or("there are two")?;
        for (uri, own, foreign) in [
            ("athena://databases", &person.canary, &other.canary),
            ("athena://workgroups", &person.canary, &other.canary),
            ("athena://query/history", &person.canary, &other.canary),
            ("tabulator://buckets", &person.bucket, &other.bucket),
        ] {
            let read = client.request("resources/read", json!({"uri": uri}), Some(uri)).await?;
            let text = read["contents"][0]["text"].as_str().ok_or("text")?;
            assert!(text.contains(own) && !text.contains(foreign), "{uri}: {text}");
            let tool = client.call("get_resource", json!({"uri": uri})).await?;
            let data = tool.structured["data"].to_string();
            assert!(data.contains(own) && !data.contains(foreign), "{uri}: {}", tool.everything());
        }
    }
    Ok(())
}
