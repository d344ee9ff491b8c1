#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use quilt_scope::BoxFuture;
use tempfile::TempDir;

use super::*;
use crate::domain::workflow::{StepStatus, WorkflowStatus};
use crate::store::{SqliteStore, Version};

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

fn new_workflow(id: &str) -> NewWorkflow {
    NewWorkflow {
        id: WorkflowId::new(id).unwrap(),
        name: "a workflow".into(),
        description: "".into(),
        metadata: JsonObject::new(),
    }
}

fn new_step(id: &str) -> NewStep {
    NewStep {
        id: step(id),
        description: "".into(),
        step_type: NewStep::DEFAULT_TYPE.into(),
        dependencies: vec![],
        metadata: JsonObject::new(),
    }
}

#[tokio::test]
async fn a_workflow_from_begin_to_end() {
    let (_directory, store) = store();
    let alice = user("alice");
    let service = WorkflowService::new(&alice, &store);
    service.create(new_workflow("w")).await.unwrap();
    service.add_step(&id("w"), new_step("a")).await.unwrap();
    let done =
        service.update_step(&id("w"), &step("a"), StepUpdate::to(StepStatus::Completed)).await.unwrap();
    assert_eq!(done.status(), WorkflowStatus::Completed);
    assert_eq!(service.get_status(&id("w")).await.unwrap(), done);
    assert_eq!(service.list_all().await.unwrap(), [done.summary()]);
    service.delete(&id("w")).await.unwrap();
    assert_eq!(service.get_status(&id("w")).await.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_template_is_applied_whole_or_not_at_all() {
    let (_directory, store) = store();
    let alice = user("alice");
    let service = WorkflowService::new(&alice, &store);
    let params = JsonObject::from_iter([("packages".to_owned(), 7.into())]);
    let refused = service.template_apply(Template::DataValidation, id("w"), params).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InvalidInput);
    assert_eq!(service.list_all().await.unwrap(), []);

    let made = service.template_apply(Template::DataValidation, id("w"), JsonObject::new()).await.unwrap();
    assert_eq!(service.get_status(&id("w")).await.unwrap(), made);
    let again = service.template_apply(Template::EnvironmentPromotion, id("w"), JsonObject::new()).await;
    assert_eq!(again.unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(service.get_status(&id("w")).await.unwrap(), made);
}

#[tokio::test]
async fn refusals_have_stable_codes() {
    let (_directory, store) = store();
    let alice = user("alice");
    let service = WorkflowService::new(&alice, &store);
    service.create(new_workflow("w")).await.unwrap();
    service.add_step(&id("w"), new_step("a")).await.unwrap();
    service.add_step(&id("w"), NewStep { dependencies: vec![step("a")], ..new_step("b") }).await.unwrap();

    let code = |outcome: Result<Workflow, ToolError>| outcome.unwrap_err().code();
    assert_eq!(code(service.create(new_workflow("w")).await), ErrorCode::Conflict);
    assert_eq!(code(service.add_step(&id("v"), new_step("a")).await), ErrorCode::NotFound);
    assert_eq!(code(service.add_step(&id("w"), new_step("a")).await), ErrorCode::Conflict);
    let missing = NewStep { dependencies: vec![step("x")], ..new_step("c") };
    assert_eq!(code(service.add_step(&id("w"), missing).await), ErrorCode::InvalidInput);
    let begin = StepUpdate::to(StepStatus::InProgress);
    assert_eq!(code(service.update_step(&id("w"), &step("x"), begin.clone()).await), ErrorCode::NotFound);
    assert_eq!(code(service.update_step(&id("w"), &step("b"), begin).await), ErrorCode::InvalidState);
    let blank = NewWorkflow { name: " ".into(), ..new_workflow("v") };
    assert_eq!(code(service.create(blank).await), ErrorCode::InvalidInput);
    let long = NewWorkflow { name: "x".repeat(201), ..new_workflow("v") };
    assert_eq!(code(service.create(long).await), ErrorCode::LimitExceeded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_concurrent_change_is_lost() {
    const WRITERS: usize = 32;
    let (_directory, store) = store();
    let store = Arc::new(store);
    WorkflowService::new(&user("alice"), &*store).create(new_workflow("w")).await.unwrap();
    let writers: Vec<_> = (0..WRITERS)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let alice = user("alice");
                let service = WorkflowService::new(&alice, &*store);
                service.add_step(&id("w"), new_step(&format!("s{n}"))).await.map(|_| ())
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    let alice = user("alice");
    let workflow = WorkflowService::new(&alice, &*store).get_status(&id("w")).await.unwrap();
    assert_eq!(workflow.steps().len(), WRITERS);
}

/// Loses to another writer so many times, then lets through.
struct Contended {
    store: SqliteStore,
    losses: AtomicU32,
    replaced: AtomicU32,
}

impl WorkflowStore for Contended {
    fn get<'a>(
        &'a self,
        owner: &'a Principal,
        id: &'a WorkflowId,
    ) -> BoxFuture<'a, Result<Option<Versioned>, ToolError>> {
        self.store.get(owner, id)
    }

    fn list<'a>(&'a self, owner: &'a Principal) -> BoxFuture<'a, Result<Vec<WorkflowSummary>, ToolError>> {
        self.store.list(owner)
    }

    fn create<'a>(
        &'a self,
        owner: &'a Principal,
        workflow: &'a Workflow,
    ) -> BoxFuture<'a, Result<Version, ToolError>> {
        self.store.create(owner, workflow)
    }

    fn replace<'a>(
        &'a self,
        owner: &'a Principal,
        workflow: &'a Workflow,
        expected: Version,
    ) -> BoxFuture<'a, Result<Version, ToolError>> {
        self.replaced.fetch_add(1, Ordering::Relaxed);
        let lost = |left: u32| left.checked_sub(1);
        if self.losses.fetch_update(Ordering::Relaxed, Ordering::Relaxed, lost).is_ok() {
            return Box::pin(async { Err(ToolError::new(ErrorCode::Conflict, "somebody was faster")) });
        }
        self.store.replace(owner, workflow, expected)
    }

    fn delete<'a>(
        &'a self,
        owner: &'a Principal,
        id: &'a WorkflowId,
    ) -> BoxFuture<'a, Result<(), ToolError>> {
        self.store.delete(owner, id)
    }

    fn health(&self) -> BoxFuture<'_, Result<(), ToolError>> {
        self.store.health()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.store.close()
    }
}

#[tokio::test]
async fn a_lost_race_is_run_again_a_bounded_number_of_times() {
    for (losses, wins) in [(3, true), (u32::MAX, false)] {
        let (_directory, store) = store();
        let store = Contended { store, losses: losses.into(), replaced: 0.into() };
        let alice = user("alice");
        let service = WorkflowService::new(&alice, &store);
        service.create(new_workflow("w")).await.unwrap();
        match service.add_step(&id("w"), new_step("a")).await {
            Ok(workflow) => assert!(wins && workflow.steps().len() == 1),
            Err(error) => assert!(!wins && error.code() == ErrorCode::Conflict),
        }
        let attempts = if wins { losses + 1 } else { ATTEMPTS };
        assert_eq!(store.replaced.into_inner(), attempts);
    }
}

#[tokio::test]
async fn a_repeated_report_writes_nothing() {
    let (_directory, store) = store();
    let store = Contended { store, losses: 0.into(), replaced: 0.into() };
    let alice = user("alice");
    let service = WorkflowService::new(&alice, &store);
    service.create(new_workflow("w")).await.unwrap();
    service.add_step(&id("w"), new_step("a")).await.unwrap();
    let done = StepUpdate::to(StepStatus::Completed);
    let first = service.update_step(&id("w"), &step("a"), done.clone()).await.unwrap();
    let writes = store.replaced.load(Ordering::Relaxed);
    assert_eq!(service.update_step(&id("w"), &step("a"), done).await.unwrap(), first);
    assert_eq!(store.replaced.load(Ordering::Relaxed), writes);
}
