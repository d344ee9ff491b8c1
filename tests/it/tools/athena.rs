//! Athena: each has a workgroup, a database and a Tabulator database.

use quilt_tests::Result;
use quilt_tests::client::Answer;
use serde_json::{Value, json};

use super::{Case, Other, Verdict, anything, keeps_to_its_caller, nothing, refuses_bad_tokens, require};

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "athena_databases_list",
        before: nothing,
        ask: |_| json!({"max_results": 1000}),
        own: |turn, answer| names(answer, "databases", &turn.owner.database(), true),
        other: Other::OwnAnswer(|turn, answer| names(answer, "databases", &turn.owner.database(), false)),
    },
    Case {
        tool: "athena_tables_list",
        before: nothing,
        ask: |turn| json!({"database": turn.owner.database(), "table_pattern": "no*"}),
        own: |_, answer| names(answer, "tables", "notes", true),
        other: Other::Refused,
    },
    Case {
        tool: "athena_table_schema",
        before: nothing,
        ask: |turn| json!({"database": turn.owner.database(), "table": "notes"}),
        own: |turn, answer| {
            let shown = &answer.structured;
            // A name does not make a partition: `created_at` is a column like others.
            let of_columns = named(&shown["columns"]) == ["id", "note", "created_at", "score", "done"];
            let of_partitions = named(&shown["partitions"]) == ["day"];
            let described = shown["description"] == turn.owner.canary;
            require(of_columns && of_partitions && described, "not the table's columns", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "athena_workgroups_list",
        before: nothing,
        ask: |_| json!({}),
        own: |turn, answer| names(answer, "workgroups", &turn.owner.workgroup(), true),
        other: Other::OwnAnswer(|turn, answer| names(answer, "workgroups", &turn.owner.workgroup(), false)),
    },
    Case {
        tool: "athena_query_execute",
        before: nothing,
        ask: |turn| json!({"query": format!("SELECT note FROM {}.notes WHERE id = 1", turn.owner.database())}),
        own: |turn, answer| {
            let shown = &answer.structured;
            let row = shown["formatted_data"] == json!([{"note": turn.owner.canary}]);
            require(
                row && shown["workgroup"] == turn.owner.workgroup(),
                "not one's own row and workgroup",
                answer,
            )
        },
        other: Other::Refused,
    },
    Case {
        tool: "athena_query_results",
        before: nothing,
        ask: |turn| json!({"query_execution_id": turn.owner.finished_query()}),
        own: |turn, answer| {
            let shown = &answer.structured;
            let row = shown["formatted_data"] == json!([{"note": turn.owner.canary}]);
            require(row && shown["workgroup"] == turn.owner.workgroup(), "not one's own result", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "athena_query_history",
        before: |turn| {
            let query = format!("SELECT '{}' AS asked", turn.owner.canary);
            vec![("athena_query_execute", json!({"query": query, "workgroup_name": turn.owner.workgroup()}))]
        },
        ask: |turn| json!({"workgroup_name": turn.owner.workgroup()}),
        own: |turn, answer| {
            require(answer.everything().contains(&turn.owner.canary), "one's own query is missing", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "athena_query_validate",
        before: nothing,
        ask: |turn| json!({"query": format!("SELECT created_at FROM {}.notes", turn.owner.database())}),
        own: |_, answer| require(answer.structured["valid"] == true, "a query that reads is refused", answer),
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "tabulator_buckets_list",
        before: nothing,
        ask: |_| json!({"max_results": 1000}),
        own: |turn, answer| lists(answer, &turn.owner.bucket, true),
        other: Other::OwnAnswer(|turn, answer| lists(answer, &turn.owner.bucket, false)),
    },
    Case {
        tool: "tabulator_bucket_query",
        before: nothing,
        ask: |turn| json!({"bucket_name": turn.owner.bucket, "query": "SELECT name FROM packages"}),
        own: |turn, answer| {
            let row = answer.structured["formatted_data"] == json!([{"name": turn.owner.canary}]);
            require(row, "not one's own packages", answer)
        },
        other: Other::Refused,
    },
];

fn named(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|entry| entry["name"].as_str()).collect()
}

fn names(answer: &Answer, list: &str, name: &str, expected: bool) -> Verdict {
    let holds = named(&answer.structured[list]).contains(&name) == expected;
    require(holds, &format!("`{name}` is in `{list}`: {}", !expected), answer)
}

fn lists(answer: &Answer, bucket: &str, expected: bool) -> Verdict {
    let listed = answer.structured["buckets"].as_array().is_some_and(|all| all.contains(&bucket.into()));
    require(listed == expected, &format!("`{bucket}` is listed: {}", !expected), answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn athena_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn athena_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}
