//! A workflow as it was saved, before it is trusted to be one.

use serde::Deserialize;

use super::error::{RefusalKind, WorkflowError};
use super::status::{StepStatus, WorkflowStatus};
use super::{JsonObject, LogEntry, Step, StepId, Timestamp, Workflow, WorkflowId};

/// The fields of [`Workflow`], unchecked.
#[derive(Deserialize)]
pub(super) struct Record {
    id: WorkflowId,
    name: String,
    description: String,
    metadata: JsonObject,
    steps: Vec<Step>,
    created_at: Timestamp,
    updated_at: Timestamp,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    execution_log: Vec<LogEntry>,
}

impl TryFrom<Record> for Workflow {
    type Error = WorkflowError;

    /// Checks the rules that later changes rely on. Not the limits: those may have been larger once.
    fn try_from(record: Record) -> Result<Self, WorkflowError> {
        let broken =
            |what: String| Err(WorkflowError::new(RefusalKind::State, format!("saved workflow: {what}")));

        let mut before: Vec<(&StepId, StepStatus)> = Vec::with_capacity(record.steps.len());
        for step in &record.steps {
            if before.iter().any(|(id, _)| *id == &step.id) {
                return broken(format!("step '{}' is there twice", step.id));
            }
            for dependency in &step.dependencies {
                match before.iter().find(|(id, _)| *id == dependency) {
                    None => return broken(format!("step '{}' depends on no step before it", step.id)),
                    Some((_, on)) if step.status.has_begun() && !on.is_settled() => {
                        return broken(format!(
                            "step '{}' has begun before '{dependency}' is settled",
                            step.id
                        ));
                    }
                    Some(_) => {}
                }
            }
            before.push((&step.id, step.status));
        }

        let workflow = Self {
            id: record.id,
            name: record.name,
            description: record.description,
            metadata: record.metadata,
            steps: record.steps,
            created_at: record.created_at,
            updated_at: record.updated_at,
            started_at: record.started_at,
            completed_at: record.completed_at,
            execution_log: record.execution_log,
        };
        if workflow.completed_at.is_some() != (workflow.status() == WorkflowStatus::Completed) {
            return broken(format!("is {}, which its completed_at denies", workflow.status()));
        }
        Ok(workflow)
    }
}
