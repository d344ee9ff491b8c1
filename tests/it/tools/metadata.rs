//! What metadata should say.

use quilt_tests::Result;
use serde_json::json;

use super::{Case, Other, anything, keeps_to_its_caller, nothing, refuses_bad_tokens, require};

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "list_metadata_templates",
        before: nothing,
        ask: |_| json!({}),
        own: |_, answer| require(answer.structured["count"] == 5, "not five templates", answer),
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "get_metadata_template",
        before: nothing,
        ask: |turn| json!({"template_name": "ml", "custom_fields": {"description": turn.asker.canary}}),
        own: |turn, answer| {
            let kept = answer.structured["metadata"]["description"] == turn.asker.canary;
            require(kept && answer.structured["metadata"]["package_type"] == "ml", "not filled in", answer)
        },
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "validate_metadata_structure",
        before: nothing,
        ask: |_| json!({"metadata": {"version": 1}}),
        own: |_, answer| {
            let invalid = answer.structured["valid"] == false;
            require(invalid && answer.structured["errors"] == 5, "not five errors", answer)
        },
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "show_metadata_examples",
        before: nothing,
        ask: |_| json!({}),
        own: |_, answer| {
            require(answer.structured["examples"][1]["template"] == "genomics", "no examples", answer)
        },
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "fix_metadata_validation_issues",
        before: nothing,
        ask: |_| json!({}),
        own: |_, answer| require(answer.structured["workflow"][0].is_string(), "no advice", answer),
        other: Other::OwnAnswer(anything),
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn metadata_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}
