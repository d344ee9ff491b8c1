//! Tabulator tables. A registry shows each caller their own bucket, so another's has no tables for them.

use quilt_tests::Result;
use serde_json::{Value, json};

use super::{Case, Other, Turn, anything, keeps_to_its_caller, nothing, refuses_bad_tokens, require};

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "tabulator_tables_list",
        before: |turn| vec![create(turn, "listed")],
        ask: |turn| json!({"bucket": turn.owner.bucket}),
        own: |turn, answer| {
            require(answer.everything().contains(&table(turn, "listed")), "not listed", answer)
        },
        other: Other::NotThere,
    },
    Case {
        tool: "tabulator_table_get",
        before: |turn| vec![create(turn, "shown")],
        ask: |turn| of_table(turn, "shown"),
        own: |_, answer| {
            let shown = &answer.structured["table"];
            let right = shown["column_count"] == 2 && shown["config"]["parser"]["delimiter"] == "\t";
            require(right, "not the table", answer)
        },
        other: Other::NotThere,
    },
    Case {
        tool: "tabulator_table_create",
        before: nothing,
        ask: |turn| create(turn, "created").1,
        own: |_, answer| {
            require(answer.structured["config"]["schema"][0]["type"] == "STRING", "no type", answer)
        },
        other: Other::NotThere,
    },
    Case {
        tool: "tabulator_table_rename",
        before: |turn| vec![create(turn, "old")],
        ask: |turn| {
            let mut arguments = of_table(turn, "old");
            arguments["new_table_name"] = table(turn, "new").into();
            arguments
        },
        own: anything,
        other: Other::NotThere,
    },
    Case {
        tool: "tabulator_table_delete",
        before: |turn| vec![create(turn, "deleted")],
        ask: |turn| of_table(turn, "deleted"),
        own: anything,
        other: Other::NotThere,
    },
    Case {
        tool: "tabulator_open_query_status",
        before: nothing,
        ask: |_| json!({}),
        own: anything,
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "tabulator_open_query_toggle",
        before: nothing,
        ask: |_| json!({"enabled": true}),
        own: |_, answer| require(answer.structured["open_query_enabled"] == true, "not enabled", answer),
        other: Other::OwnAnswer(anything),
    },
];

fn table(turn: &Turn<'_>, what: &str) -> String {
    format!("t-{}", turn.named(what))
}

fn of_table(turn: &Turn<'_>, what: &str) -> Value {
    json!({"bucket_name": turn.owner.bucket, "table_name": table(turn, what)})
}

fn create(turn: &Turn<'_>, what: &str) -> (&'static str, Value) {
    let mut arguments = of_table(turn, what);
    arguments["schema"] = json!([{"name": "sample", "type": "STRING"}, {"name": "tpm", "type": "FLOAT"}]);
    arguments["package_pattern"] = "^ccle/(?<study>[^/]+)$".into();
    arguments["logical_key_pattern"] = "quant\\.sf$".into();
    arguments["parser_format"] = "tsv".into();
    ("tabulator_table_create", arguments)
}

#[tokio::test(flavor = "multi_thread")]
async fn tabulator_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tabulator_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}
