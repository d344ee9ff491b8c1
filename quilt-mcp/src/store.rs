//! Where workflows are kept.
//!
//! A [`WorkflowStore`] is shared by all callers and belongs to none: each call names the [`Principal`] it is for, and
//! reaches only what that principal owns. What another owns is not there, with the same answer as for what nobody owns.

mod backup;
mod catalog_file;
mod connection;
mod inspection;
mod memory;
mod migrations;
mod observer;
mod open_tenants;
mod sqlite;
mod tenant_file;

use quilt_scope::BoxFuture;

use crate::domain::principal::Principal;
use crate::domain::workflow::limits::MAX_WORKFLOWS_PER_USER;
use crate::domain::workflow::{Workflow, WorkflowId, WorkflowSummary};
use crate::error::{ErrorCode, ToolError};

pub use self::backup::{BackupError, backup, restore, restore_tenant};
pub use self::catalog_file::CatalogFile;
pub use self::inspection::{Unsound, inspect};
pub use self::memory::MemoryStore;
pub use self::observer::{StoreObserver, Work, WorkOutcome};
pub use self::sqlite::SqliteStore;

/// Keeps workflows, durably: when a change is answered with success, it survives a crash.
///
/// A call may be cancelled by dropping its future. A change is then made wholly or not at all, and nothing stays locked.
pub trait WorkflowStore: Send + Sync {
    /// The workflow `id` of `owner`, if there is one.
    ///
    /// # Errors
    ///
    /// `unavailable` when the store cannot be reached, is full or damaged. The same holds for every method here.
    fn get<'a>(
        &'a self,
        owner: &'a Principal,
        id: &'a WorkflowId,
    ) -> BoxFuture<'a, Result<Option<Versioned>, ToolError>>;

    /// All workflows of `owner`, the latest changed first.
    ///
    /// # Errors
    ///
    /// See [`get`](Self::get).
    fn list<'a>(&'a self, owner: &'a Principal) -> BoxFuture<'a, Result<Vec<WorkflowSummary>, ToolError>>;

    /// Adds a workflow.
    ///
    /// # Errors
    ///
    /// `conflict` when `owner` has one of this id, `limit_exceeded` when `owner` has too many. See [`get`](Self::get).
    fn create<'a>(
        &'a self,
        owner: &'a Principal,
        workflow: &'a Workflow,
    ) -> BoxFuture<'a, Result<Version, ToolError>>;

    /// Puts `workflow` in the place of the one of the same id, if that is still the one that was read as `expected`.
    ///
    /// # Errors
    ///
    /// `conflict` when it was changed since, `not_found` when it is gone. See [`get`](Self::get).
    fn replace<'a>(
        &'a self,
        owner: &'a Principal,
        workflow: &'a Workflow,
        expected: Version,
    ) -> BoxFuture<'a, Result<Version, ToolError>>;

    /// Removes a workflow.
    ///
    /// # Errors
    ///
    /// `not_found` when `owner` has none of this id. See [`get`](Self::get).
    fn delete<'a>(&'a self, owner: &'a Principal, id: &'a WorkflowId)
    -> BoxFuture<'a, Result<(), ToolError>>;

    /// Whether the store can write now. For readiness; touches no one's data.
    ///
    /// # Errors
    ///
    /// `unavailable` when it cannot.
    fn health(&self) -> BoxFuture<'_, Result<(), ToolError>>;

    /// Waits for running work, then puts everything away in order. Later calls are `unavailable`.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// Names one state of one workflow: no two states ever stored under an id have the same, not even after it was deleted
/// and created again. Says nothing else; in particular, versions are not consecutive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(i64);

/// A workflow with the version that it was read as.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned {
    /// The version to expect when replacing it.
    pub version: Version,
    /// The workflow.
    pub workflow: Workflow,
}

/// What every store says of a workflow that is not there, or that is another's.
pub(crate) fn not_found(id: &WorkflowId) -> ToolError {
    ToolError::not_found(format!("workflow '{id}' not found"))
        .with_hint("workflow_list_all lists the workflows there are; workflow_create makes a new one")
}

/// What every store says when an id is taken.
fn already_exists(id: &WorkflowId) -> ToolError {
    ToolError::new(ErrorCode::Conflict, format!("workflow '{id}' already exists"))
        .with_hint("choose another workflow_id, or look at this one with workflow_get_status")
}

/// What every store says to who has `count` workflows and wants one more.
fn too_many(count: usize) -> ToolError {
    let message = format!("you have {count} workflows; at most {MAX_WORKFLOWS_PER_USER} are allowed");
    ToolError::new(ErrorCode::LimitExceeded, message)
        .with_hint("delete some that are no longer needed with workflow_delete")
}

/// What every store says of a workflow that is no longer the one that was read.
fn changed_meanwhile(id: &WorkflowId) -> ToolError {
    ToolError::new(ErrorCode::Conflict, format!("workflow '{id}' was changed in the meantime"))
        .with_hint("look at it again with workflow_get_status, then repeat the change")
}
