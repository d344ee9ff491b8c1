//! What clients are told about arguments and answers: schemas that every client can use, and that the answers keep.

mod golden;

use std::collections::BTreeMap;

use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::client::python::Script;
use serde_json::{Value, json};

use crate::stage::Stage;

async fn listed(client: &Client) -> Result<BTreeMap<String, Value>> {
    let result = client.request("tools/list", json!({}), None).await?;
    let tools = result["tools"].as_array().ok_or("a list of tools")?;
    Ok(tools
        .iter()
        .map(|tool| (tool["name"].as_str().unwrap_or_default().to_owned(), tool.clone()))
        .collect())
}

/// Where in `schema` a value may be `null` besides something else.
fn unions_with_null(schema: &Value, path: &str, found: &mut Vec<String>) {
    let is_null = |choice: &Value| choice == "null" || choice["type"] == "null";
    match schema {
        Value::Object(members) => {
            for keyword in ["type", "anyOf", "oneOf"] {
                let choices = members.get(keyword).and_then(Value::as_array);
                if choices.is_some_and(|choices| choices.iter().any(is_null)) {
                    found.push(format!("{path}/{keyword}"));
                }
            }
            if members
                .get("enum")
                .and_then(Value::as_array)
                .is_some_and(|values| values.contains(&Value::Null))
            {
                found.push(format!("{path}/enum"));
            }
            for (name, member) in members {
                unions_with_null(member, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                unions_with_null(item, &format!("{path}/{at}"), found);
            }
        }
        _ => {}
    }
}

/// Some clients warn of them, and some models' interfaces refuse them.
#[tokio::test(flavor = "multi_thread")]
async fn no_schema_has_a_union_with_null() -> Result<()> {
    let stage = Stage::of_two().await?;
    let tools = listed(&stage.client("ada").await?).await?;
    let mut found = Vec::new();
    for (name, tool) in &tools {
        for schema in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[schema]["type"], "object", "{name}: {schema}");
            unions_with_null(&tool[schema], &format!("{name}: {schema}"), &mut found);
        }
    }
    assert!(tools.len() >= 20, "only {} tools were listed", tools.len());
    assert!(found.is_empty(), "{found:#?}");
    Ok(())
}

#[test]
fn a_union_with_null_is_found_wherever_it_is() {
    for union in [
        json!({"type": ["string", "null"]}),
        json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
        json!({"oneOf": [{"const": 1}, {"type": "null"}]}),
        json!({"enum": ["a", null]}),
    ] {
        let mut found = Vec::new();
        unions_with_null(&json!({"properties": {"a": {"items": union}}}), "", &mut found);
        assert_eq!(found.len(), 1, "{union}: {found:?}");
    }
    let mut found = Vec::new();
    unions_with_null(&json!({"type": "null"}), "", &mut found);
    unions_with_null(&json!({"properties": {"null": {"type": "string"}}}), "", &mut found);
    assert_eq!(found, Vec::<String>::new());
}

/// The schemas that the official client was told refuse what is not as told. That it holds each answer to them of itself is what
/// its documentation says, and not shown here; our own client does (`client/schemas.rs` has the proof), in every call.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_as_told_is_found() -> Result<()> {
    let stage = Stage::of_two().await?;
    let answer = stage.client("ada").await?.call("workflow_list_all", json!({})).await?.structured;
    let with = |member: &str, value: Value| {
        let mut wrong = answer.clone();
        wrong[member] = value;
        wrong
    };
    let values = [
        (answer.clone(), true),
        (with("total_workflows", json!(null)), false),
        (with("total_workflows", json!("none")), false),
        (with("workflows", json!([{"id": "w"}])), false),
    ];
    let mut script = Script::new().over_http("ada", &stage.server.url, &stage.token("ada"), "auto");
    for (value, _) in &values {
        script =
            script.step(json!({"client": "ada", "do": "fits", "tool": "workflow_list_all", "value": value}));
    }
    for ((value, fits), outcome) in values.iter().zip(script.play().await?) {
        let wrong = outcome?;
        assert_eq!(wrong.as_array().is_some_and(Vec::is_empty), *fits, "{value}: {wrong}");
    }
    Ok(())
}
