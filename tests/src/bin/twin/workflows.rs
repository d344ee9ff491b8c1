//! Workflows without an owner in their key: everybody shares one set.

use quilt_mcp::domain::principal::Principal;
use quilt_mcp::domain::workflow::{Workflow, WorkflowId, WorkflowSummary};
use quilt_mcp::error::ToolError;
use quilt_mcp::store::{Version, Versioned, WorkflowStore};
use quilt_scope::BoxFuture;

/// Puts one and the same name in the place of every owner.
pub(crate) struct WithoutOwner {
    store: Box<dyn WorkflowStore>,
    everybody: Principal,
}

impl WithoutOwner {
    pub(crate) fn over(store: Box<dyn WorkflowStore>) -> Self {
        Self { store, everybody: Principal::single_user() }
    }
}

impl WorkflowStore for WithoutOwner {
    fn get<'a>(
        &'a self,
        _: &'a Principal,
        id: &'a WorkflowId,
    ) -> BoxFuture<'a, Result<Option<Versioned>, ToolError>> {
        self.store.get(&self.everybody, id)
    }

    fn list<'a>(&'a self, _: &'a Principal) -> BoxFuture<'a, Result<Vec<WorkflowSummary>, ToolError>> {
        self.store.list(&self.everybody)
    }

    fn create<'a>(
        &'a self,
        _: &'a Principal,
        workflow: &'a Workflow,
    ) -> BoxFuture<'a, Result<Version, ToolError>> {
        self.store.create(&self.everybody, workflow)
    }

    fn replace<'a>(
        &'a self,
        _: &'a Principal,
        workflow: &'a Workflow,
        expected: Version,
    ) -> BoxFuture<'a, Result<Version, ToolError>> {
        self.store.replace(&self.everybody, workflow, expected)
    }

    fn delete<'a>(&'a self, _: &'a Principal, id: &'a WorkflowId) -> BoxFuture<'a, Result<(), ToolError>> {
        self.store.delete(&self.everybody, id)
    }

    fn health(&self) -> BoxFuture<'_, Result<(), ToolError>> {
        self.store.health()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.store.close()
    }
}
