#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod concurrency;
mod damage;
mod isolation;

use tempfile::TempDir;

use super::*;
use crate::domain::workflow::{NewStep, NewWorkflow, StepId, Timestamp};
use crate::error::ErrorCode;
use crate::store::tenant_file::TenantFile;

fn principal(issuer: &str, tenant: &str, subject: &str) -> Principal {
    Principal::verified(issuer.into(), tenant.into(), subject.into())
}

fn user(tenant: &str, subject: &str) -> Principal {
    principal("https://idp", tenant, subject)
}

fn id(id: &str) -> WorkflowId {
    WorkflowId::new(id).unwrap()
}

fn named(id: &str, name: &str) -> Workflow {
    let new = NewWorkflow {
        id: WorkflowId::new(id).unwrap(),
        name: name.into(),
        description: "".into(),
        metadata: Default::default(),
    };
    Workflow::create(new, Timestamp::now()).unwrap()
}

fn with_step(mut workflow: Workflow, step: &str) -> Workflow {
    let new = NewStep {
        id: StepId::new(step).unwrap(),
        description: "".into(),
        step_type: "manual".into(),
        dependencies: vec![],
        metadata: Default::default(),
    };
    workflow.add_step(new, Timestamp::now()).unwrap();
    workflow
}

fn store() -> (TempDir, SqliteStore) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    (directory, store)
}

async fn name_of(store: &SqliteStore, owner: &Principal, workflow: &str) -> Option<String> {
    store.get(owner, &id(workflow)).await.unwrap().map(|found| found.workflow.name().to_owned())
}

fn file_of(store: &SqliteStore, tenant: &str) -> TenantFile {
    store.tenants.get(tenant).unwrap()
}

fn path_of(store: &SqliteStore, tenant: &str) -> PathBuf {
    file_of(store, tenant).path().to_owned()
}
