//! The caller's workflows.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use quilt_scope::service;

use crate::domain::principal::Principal;
use crate::domain::workflow::{
    Effect, JsonObject, NewStep, NewWorkflow, RefusalKind, StepId, StepUpdate, Template, Timestamp, Workflow,
    WorkflowError, WorkflowId, WorkflowSummary,
};
use crate::error::{ErrorCode, ToolError};
use crate::store::{Versioned, WorkflowStore, not_found};

/// How often a change is tried when others change the same workflow at the same time.
const ATTEMPTS: u32 = 40;

/// The workflows of the principal who asks, and of nobody else.
///
/// Each change is one write: wholly done, or not at all.
pub struct WorkflowService<'req> {
    principal: &'req Principal,
    store: &'req dyn WorkflowStore,
}

#[service]
impl<'req> WorkflowService<'req> {
    /// For the requests of `principal`.
    pub fn new(principal: &'req Principal, store: &'req dyn WorkflowStore) -> Self {
        Self { principal, store }
    }
}

impl WorkflowService<'_> {
    /// Creates a workflow without steps.
    ///
    /// # Errors
    ///
    /// `conflict` when the id is taken, `invalid_input` or `limit_exceeded` for the texts and metadata. Every method
    /// also fails as the [store](WorkflowStore) does.
    pub async fn create(&self, new: NewWorkflow) -> Result<Workflow, ToolError> {
        let workflow = Workflow::create(new, Timestamp::now())?;
        self.store.create(self.principal, &workflow).await?;
        Ok(workflow)
    }

    /// Creates a workflow with all steps of `template`.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create); `invalid_input` also for a parameter of the wrong type.
    pub async fn template_apply(
        &self,
        template: Template,
        id: WorkflowId,
        params: JsonObject,
    ) -> Result<Workflow, ToolError> {
        let workflow = template.instantiate(id, params, Timestamp::now())?;
        self.store.create(self.principal, &workflow).await?;
        Ok(workflow)
    }

    /// Adds a step and returns the workflow with it.
    ///
    /// # Errors
    ///
    /// `not_found`, `conflict` when the step exists, `invalid_input` for an unknown dependency, `limit_exceeded`.
    pub async fn add_step(&self, id: &WorkflowId, new: NewStep) -> Result<Workflow, ToolError> {
        self.update(id, |workflow| {
            workflow.add_step(new.clone(), Timestamp::now())?;
            Ok(Effect::Changed)
        })
        .await
    }

    /// Records what is reported about a step and returns the workflow with it.
    ///
    /// # Errors
    ///
    /// `not_found` for the workflow or the step, `invalid_state` when its status may not change so now.
    pub async fn update_step(
        &self,
        id: &WorkflowId,
        step: &StepId,
        report: StepUpdate,
    ) -> Result<Workflow, ToolError> {
        self.update(id, |workflow| workflow.update_step(step, report.clone(), Timestamp::now())).await
    }

    /// The workflow as it stands.
    ///
    /// # Errors
    ///
    /// `not_found`.
    pub async fn get_status(&self, id: &WorkflowId) -> Result<Workflow, ToolError> {
        self.read(id).await.map(|found| found.workflow)
    }

    /// All workflows, the latest changed first.
    ///
    /// # Errors
    ///
    /// Only as the store does.
    pub async fn list_all(&self) -> Result<Vec<WorkflowSummary>, ToolError> {
        self.store.list(self.principal).await
    }

    /// Removes a workflow for good.
    ///
    /// # Errors
    ///
    /// `not_found`.
    pub async fn delete(&self, id: &WorkflowId) -> Result<(), ToolError> {
        self.store.delete(self.principal, id).await
    }

    async fn read(&self, id: &WorkflowId) -> Result<Versioned, ToolError> {
        self.store.get(self.principal, id).await?.ok_or_else(|| not_found(id))
    }

    /// Reads, changes and writes back, again from the start when somebody else wrote in between.
    async fn update(
        &self,
        id: &WorkflowId,
        mut change: impl FnMut(&mut Workflow) -> Result<Effect, WorkflowError>,
    ) -> Result<Workflow, ToolError> {
        let mut attempt = 0;
        loop {
            let Versioned { version, mut workflow } = self.read(id).await?;
            if change(&mut workflow)? == Effect::Repeated {
                return Ok(workflow);
            }
            match self.store.replace(self.principal, &workflow, version).await {
                Ok(_) => return Ok(workflow),
                Err(error) if error.code() == ErrorCode::Conflict && attempt + 1 < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
            tokio::time::sleep(pause(attempt)).await;
        }
    }
}

impl From<WorkflowError> for ToolError {
    fn from(refused: WorkflowError) -> Self {
        let code = match refused.kind {
            RefusalKind::Invalid => ErrorCode::InvalidInput,
            RefusalKind::NotFound => ErrorCode::NotFound,
            RefusalKind::Exists => ErrorCode::Conflict,
            RefusalKind::State => ErrorCode::InvalidState,
            RefusalKind::Limit => ErrorCode::LimitExceeded,
        };
        let error = Self::new(code, refused.message);
        match refused.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

/// Up to 2, 4, 8 .. 64 ms, at random: writers that met once should not meet again.
fn pause(attempt: u32) -> Duration {
    let ceiling = 1_u64 << attempt.min(6);
    let random = RandomState::new().hash_one(attempt);
    Duration::from_micros(random % (ceiling * 1000))
}

#[cfg(test)]
mod tests;
