//! What clients are told of the answers of tools: every answer that a test gets is held to it, whichever client it comes from.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::{Draft, Validator};
use quilt_mcp::domain::deployment::Deployment;
use quilt_mcp::tools;
use quilt_mcp::transport::schema;
use serde_json::Value;

/// What is wrong with an answer of `tool` that did not fail. Nothing is known of tools that the server does not have.
pub(crate) fn misfit(tool: &str, structured: &Value) -> Option<String> {
    static TOLD: OnceLock<BTreeMap<&str, Validator>> = OnceLock::new();
    let validator = TOLD.get_or_init(all).get(tool)?;
    let problems: Vec<String> = validator
        .iter_errors(structured)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    (!problems.is_empty()).then(|| problems.join("; "))
}

/// Of the mode that has all tools.
fn all() -> BTreeMap<&'static str, Validator> {
    let table = tools::table(Deployment::SingleUser);
    let told = table.descriptors().map(|tool| {
        let output = Value::Object(schema::clean(tool.output_schema.clone()));
        let validator = jsonschema::options().with_draft(Draft::Draft202012).offline().build(&output);
        (tool.name, validator.expect("a tool's output schema is one"))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_that_is_not_as_told_is_found() {
        let good = json!({
            "success": true, "workflows": [], "total_workflows": 0, "active_workflows": 0, "completed_workflows": 0,
        });
        assert_eq!(misfit("workflow_list_all", &good), None);
        for (member, wrong) in
            [("total_workflows", json!(null)), ("total_workflows", json!("0")), ("workflows", json!([{}]))]
        {
            let mut answer = good.clone();
            answer[member] = wrong;
            assert!(misfit("workflow_list_all", &answer).is_some(), "{answer}");
        }
        assert_eq!(misfit("no_tool_of_ours", &json!(7)), None);
    }
}
