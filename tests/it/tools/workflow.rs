//! Workflows.

use quilt_tests::Result;
use quilt_tests::client::Answer;
use serde_json::{Value, json};

use super::{Case, Other, Turn, Verdict, keeps_to_its_caller, nothing, refuses_bad_tokens, require};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "workflow_create",
        before: nothing,
        // Everybody may use every name, and has it to themselves.
        ask: |turn| json!({"workflow_id": turn.named("created"), "name": turn.asker.canary}),
        own: names_the_asker,
        other: Other::OwnAnswer(names_the_asker),
    },
    Case {
        tool: "workflow_add_step",
        before: |turn| vec![create(turn, "added")],
        ask: |turn| json!({"workflow_id": turn.named("added"), "step_id": turn.asker.name(), "description": "a step"}),
        own: |turn, answer| {
            require(answer.structured["step_id"] == turn.asker.name(), "not the step", answer)
        },
        other: Other::NotThere,
    },
    Case {
        tool: "workflow_update_step",
        before: |turn| {
            let step =
                json!({"workflow_id": turn.named("updated"), "step_id": "one", "description": "a step"});
            vec![create(turn, "updated"), ("workflow_add_step", step)]
        },
        ask: |turn| json!({"workflow_id": turn.named("updated"), "step_id": "one", "status": "in_progress"}),
        own: |_, answer| {
            require(answer.structured["workflow_status"] == "in_progress", "not in progress", answer)
        },
        other: Other::NotThere,
    },
    Case {
        tool: "workflow_get_status",
        before: |turn| vec![create(turn, "seen")],
        ask: |turn| json!({"id": turn.named("seen")}),
        own: names_the_asker,
        other: Other::NotThere,
    },
    Case {
        tool: "workflow_list_all",
        before: |turn| vec![create(turn, "listed")],
        ask: |_| json!({}),
        own: |turn, answer| {
            require(
                answer.everything().contains(&turn.named("listed")),
                "one's own workflow is missing",
                answer,
            )
        },
        other: Other::OwnAnswer(|turn, answer| {
            require(
                !answer.everything().contains(&turn.named("listed")),
                "the workflow of another is listed",
                answer,
            )
        }),
    },
    Case {
        tool: "workflow_template_apply",
        before: nothing,
        ask: |turn| json!({"template_name": "data-validation", "workflow_id": turn.named("templated"), "params": {}}),
        own: has_steps,
        other: Other::OwnAnswer(has_steps),
    },
    Case {
        tool: "workflow_delete",
        before: |turn| vec![create(turn, "doomed")],
        ask: |turn| json!({"id": turn.named("doomed")}),
        own: |turn, answer| {
            require(answer.structured["workflow_id"] == turn.named("doomed"), "not deleted", answer)
        },
        other: Other::NotThere,
    },
];

fn create(turn: &Turn<'_>, what: &str) -> (&'static str, Value) {
    ("workflow_create", json!({"workflow_id": turn.named(what), "name": turn.owner.canary}))
}

fn names_the_asker(turn: &Turn<'_>, answer: &Answer) -> Verdict {
    require(
        answer.structured["workflow"]["name"] == turn.asker.canary,
        "not the workflow of the asker",
        answer,
    )
}

fn has_steps(_: &Turn<'_>, answer: &Answer) -> Verdict {
    require(
        answer.structured["workflow"]["steps"].as_array().is_some_and(|steps| steps.len() == 3),
        "not three steps",
        answer,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn workflow_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn workflow_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_use_one_name_and_delete_only_their_own() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, ben) = (stage.client("ada").await?, stage.client("ben").await?);
    let id = json!({"id": "analysis"});
    for (client, name) in [(&ada, "of ada"), (&ben, "of ben")] {
        let made = client.call("workflow_create", json!({"workflow_id": "analysis", "name": name})).await?;
        assert!(!made.is_error, "{}", made.everything());
    }
    assert!(!ben.call("workflow_delete", id.clone()).await?.is_error);
    assert_eq!(ben.call("workflow_get_status", id.clone()).await?.error_code(), Some("not_found"));
    assert_eq!(ada.call("workflow_get_status", id).await?.structured["workflow"]["name"], "of ada");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_waits_for_what_it_depends_on() -> Result<()> {
    let stage = Stage::of_two().await?;
    let ada = stage.client("ada").await?;
    let of = |step: &str, more: Value| {
        let mut arguments = more;
        arguments["workflow_id"] = json!("chain");
        arguments["step_id"] = json!(step);
        arguments
    };
    ada.call("workflow_create", json!({"workflow_id": "chain", "name": "chain"})).await?;
    ada.call("workflow_add_step", of("first", json!({"description": "1"}))).await?;
    ada.call("workflow_add_step", of("second", json!({"description": "2", "dependencies": ["first"]})))
        .await?;
    let early = ada.call("workflow_update_step", of("second", json!({"status": "in_progress"}))).await?;
    assert_eq!(early.error_code(), Some("invalid_state"), "{}", early.everything());
    ada.call("workflow_update_step", of("first", json!({"status": "completed"}))).await?;
    let later = ada.call("workflow_update_step", of("second", json!({"status": "completed"}))).await?;
    assert_eq!(later.structured["workflow_status"], "completed", "{}", later.everything());
    Ok(())
}
