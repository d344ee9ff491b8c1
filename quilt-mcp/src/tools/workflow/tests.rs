#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::domain::principal::Principal;
use crate::error::ErrorCode;
use crate::store::SqliteStore;

const TOOLS: [&str; 7] = [
    "workflow_create",
    "workflow_add_step",
    "workflow_update_step",
    "workflow_get_status",
    "workflow_list_all",
    "workflow_template_apply",
    "workflow_delete",
];

fn store() -> (TempDir, SqliteStore) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    (directory, store)
}

fn user(subject: &str) -> Principal {
    Principal::verified("https://idp".into(), "acme".into(), subject.into())
}

fn id(id: &str) -> WorkflowId {
    WorkflowId::new(id).unwrap()
}

fn step(id: &str) -> StepId {
    StepId::new(id).unwrap()
}

fn wire(output: impl Serialize) -> Value {
    serde_json::to_value(output).unwrap()
}

#[track_caller]
fn fields(value: &Value, wanted: &[&str]) {
    let mut found: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted = wanted.to_vec();
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
}

/// Of a workflow that nobody has begun: `started_at` and `completed_at` come with what they tell.
const WORKFLOW: [&str; 12] = [
    "id",
    "name",
    "description",
    "status",
    "metadata",
    "steps",
    "created_at",
    "updated_at",
    "total_steps",
    "completed_steps",
    "failed_steps",
    "execution_log",
];

#[tokio::test]
async fn each_answer_has_the_documented_fields() {
    let (_directory, store) = store();
    let alice = user("alice");
    let service = WorkflowService::new(&alice, &store);

    let made = workflow_create(&service, id("w"), "W".into(), "".into(), None).await.unwrap();
    let made = wire(made);
    fields(&made, &["success", "workflow_id", "workflow", "message", "next_steps"]);
    fields(&made["workflow"], &WORKFLOW);
    assert_eq!(made["success"], true);

    let add = async |name: &str, on: Option<Vec<StepId>>| {
        wire(
            workflow_add_step(&service, id("w"), step(name), "do".into(), "manual".into(), on, None)
                .await
                .unwrap(),
        )
    };
    let added = add("a", None).await;
    fields(&added, &["success", "workflow_id", "step_id", "step", "workflow_summary", "message"]);
    assert_eq!(added["step"]["step_id"], "a");
    assert_eq!(added["step"]["status"], "pending");
    assert_eq!(added["workflow_summary"], json!({ "total_steps": 1, "status": "created" }));
    add("b", Some(vec![step("a")])).await;

    let result = Some(JsonObject::from_iter([("rows".to_owned(), 3.into())]));
    let updated = workflow_update_step(&service, id("w"), step("a"), StepStatus::Completed, result, None)
        .await
        .unwrap();
    let updated = wire(updated);
    fields(&updated, &["success", "workflow_id", "step_id", "step", "workflow_status", "progress"]);
    assert_eq!(updated["step"]["result"], json!({ "rows": 3 }));
    assert_eq!(updated["progress"]["percentage"], 50.0);

    let report = wire(workflow_get_status(&service, id("w")).await.unwrap());
    fields(
        &report,
        &[
            "success",
            "workflow",
            "progress",
            "next_available_steps",
            "can_proceed",
            "recent_activity",
            "recommendations",
        ],
    );
    assert_eq!(report["next_available_steps"], json!(["b"]));
    assert_eq!(report["can_proceed"], true);
    assert_eq!(report["recent_activity"][0]["status_change"], "pending -> completed");

    let list = wire(workflow_list_all(&service).await.unwrap());
    fields(&list, &["success", "workflows", "total_workflows", "active_workflows", "completed_workflows"]);
    fields(&list["workflows"][0], &["id", "name", "status", "progress", "created_at", "updated_at"]);
    assert_eq!((&list["total_workflows"], &list["active_workflows"]), (&json!(1), &json!(1)));

    let applied =
        workflow_template_apply(&service, Template::DataValidation, id("t"), JsonObject::new()).await;
    let applied = wire(applied.unwrap());
    fields(&applied, &["success", "workflow_id", "template_applied", "workflow", "message", "next_steps"]);
    assert_eq!(applied["template_applied"], "data-validation");

    let deleted = wire(workflow_delete(&service, id("w")).await.unwrap());
    fields(&deleted, &["success", "workflow_id", "message"]);
}

#[tokio::test]
async fn another_user_sees_and_reaches_nothing() {
    let (_directory, store) = store();
    let (alice, bob) = (user("alice"), user("bob"));
    let hers = WorkflowService::new(&alice, &store);
    let his = WorkflowService::new(&bob, &store);
    workflow_create(&hers, id("analysis"), "hers".into(), "".into(), None).await.unwrap();
    assert_eq!(wire(workflow_list_all(&his).await.unwrap())["total_workflows"], 0);
    assert_eq!(workflow_get_status(&his, id("analysis")).await.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(workflow_delete(&his, id("analysis")).await.unwrap_err().code(), ErrorCode::NotFound);
    workflow_create(&his, id("analysis"), "his".into(), "".into(), None).await.unwrap();
    workflow_delete(&his, id("analysis")).await.unwrap();
    assert_eq!(wire(workflow_get_status(&hers, id("analysis")).await.unwrap())["workflow"]["name"], "hers");
}

/// Every hint names tools that exist, and steps that the workflow has.
#[tokio::test]
async fn hints_name_only_what_exists() {
    let (_directory, store) = store();
    let alice = user("alice");
    let service = WorkflowService::new(&alice, &store);
    let mut texts = Vec::new();

    let made = workflow_create(&service, id("w"), "W".into(), "".into(), None).await.unwrap();
    texts.extend(made.next_steps);
    for template in Template::ALL {
        let name = id(template.as_str());
        let applied =
            workflow_template_apply(&service, template, name.clone(), JsonObject::new()).await.unwrap();
        let first = &applied.workflow.steps[0].id;
        assert!(applied.next_steps[0].contains(&format!("step_id='{first}'")), "{:?}", applied.next_steps);
        texts.extend(applied.next_steps);
        let last = applied.workflow.steps.last().unwrap().id.clone();
        let early = workflow_update_step(&service, name, last, StepStatus::InProgress, None, None).await;
        texts.extend(early.unwrap_err().hint().map(ToOwned::to_owned));
    }
    texts.extend(workflow_get_status(&service, id("w")).await.unwrap().recommendations);
    for error in [
        workflow_get_status(&service, id("none")).await.unwrap_err(),
        workflow_create(&service, id("w"), "W".into(), "".into(), None).await.unwrap_err(),
    ] {
        texts.extend(error.hint().map(ToOwned::to_owned));
    }

    let words = texts.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let named: Vec<_> =
        words.filter(|word| word.starts_with("workflow_") && *word != "workflow_id").collect();
    assert!(named.len() > 5, "{texts:?}");
    for name in named {
        assert!(TOOLS.contains(&name), "no tool `{name}`");
    }
}

#[tokio::test]
async fn a_failed_workflow_says_how_to_go_on() {
    let (_directory, store) = store();
    let alice = user("alice");
    let service = WorkflowService::new(&alice, &store);
    workflow_template_apply(&service, Template::DataValidation, id("w"), JsonObject::new()).await.unwrap();
    let failed = workflow_update_step(
        &service,
        id("w"),
        step("load-packages"),
        StepStatus::Failed,
        None,
        Some("no access".into()),
    );
    assert_eq!(failed.await.unwrap().workflow_status, WorkflowStatus::Failed);
    let report = workflow_get_status(&service, id("w")).await.unwrap();
    assert!(!report.can_proceed);
    assert!(report.recommendations[0].contains("'load-packages'"), "{:?}", report.recommendations);
    assert_eq!(report.recent_activity[0].message, "no access");
}
