//! What the workflow tools answer.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::workflow::{
    JsonObject, LogEntry, Step, StepCounts, StepId, StepStatus, Template, Timestamp, Workflow, WorkflowId,
    WorkflowStatus, WorkflowSummary,
};

/// A whole workflow.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkflowRecord {
    /// Its id.
    pub id: WorkflowId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How far it has come; follows from the steps.
    pub status: WorkflowStatus,
    /// What is kept with it.
    pub metadata: JsonObject,
    /// Its steps, in the order they were added.
    pub steps: Vec<Step>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When the first step was begun, failed or skipped; absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When the last step was settled; absent unless the workflow is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// All steps.
    pub total_steps: u32,
    /// Steps that are completed; skipped ones are not counted here.
    pub completed_steps: u32,
    /// Steps that are failed.
    pub failed_steps: u32,
    /// The latest changes, oldest first.
    pub execution_log: Vec<LogEntry>,
}

impl WorkflowRecord {
    pub(super) fn of(workflow: &Workflow) -> Self {
        let counts = workflow.counts();
        Self {
            id: workflow.id().clone(),
            name: workflow.name().to_owned(),
            description: workflow.description().to_owned(),
            status: workflow.status(),
            metadata: workflow.metadata().clone(),
            steps: workflow.steps().to_vec(),
            created_at: workflow.created_at(),
            updated_at: workflow.updated_at(),
            started_at: workflow.started_at(),
            completed_at: workflow.completed_at(),
            total_steps: counts.total_steps,
            completed_steps: counts.completed_steps,
            failed_steps: counts.failed_steps,
            execution_log: workflow.execution_log().to_vec(),
        }
    }
}

/// The answer of `workflow_create`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkflowCreated {
    /// Always true.
    pub success: bool,
    /// The id of the new workflow.
    pub workflow_id: WorkflowId,
    /// The new workflow.
    pub workflow: WorkflowRecord,
    /// What was done.
    pub message: String,
    /// Calls that make sense now.
    pub next_steps: Vec<String>,
}

/// The answer of `workflow_add_step`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StepAdded {
    /// Always true.
    pub success: bool,
    /// The workflow that was added to.
    pub workflow_id: WorkflowId,
    /// The id of the new step.
    pub step_id: StepId,
    /// The new step.
    pub step: AddedStep,
    /// The workflow in short.
    pub workflow_summary: WorkflowCounts,
    /// What was done.
    pub message: String,
}

/// A new step; its id goes by both names that clients know it by.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AddedStep {
    /// The same as `id`.
    pub step_id: StepId,
    /// The step.
    #[serde(flatten)]
    pub step: Step,
}

/// A workflow in short.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkflowCounts {
    /// All steps.
    pub total_steps: u32,
    /// How far the workflow has come.
    pub status: WorkflowStatus,
}

/// The answer of `workflow_update_step`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StepUpdated {
    /// Always true.
    pub success: bool,
    /// The workflow that the step is in.
    pub workflow_id: WorkflowId,
    /// The id of the step.
    pub step_id: StepId,
    /// The step as it is now.
    pub step: Step,
    /// How far the workflow has come.
    pub workflow_status: WorkflowStatus,
    /// The steps of the workflow, counted.
    pub progress: StepCounts,
}

/// The answer of `workflow_get_status`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkflowReport {
    /// Always true.
    pub success: bool,
    /// The workflow.
    pub workflow: WorkflowRecord,
    /// Its steps, counted.
    pub progress: StepCounts,
    /// Ids of the pending steps that can begin now.
    pub next_available_steps: Vec<StepId>,
    /// Whether a step can begin now and none is failed.
    pub can_proceed: bool,
    /// The latest changes, at most 5, oldest first.
    pub recent_activity: Vec<LogEntry>,
    /// What makes sense now.
    pub recommendations: Vec<String>,
}

/// The answer of `workflow_list_all`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkflowList {
    /// Always true.
    pub success: bool,
    /// The workflows, the latest changed first.
    pub workflows: Vec<WorkflowSummary>,
    /// How many there are.
    pub total_workflows: u32,
    /// How many are created or in progress.
    pub active_workflows: u32,
    /// How many are completed.
    pub completed_workflows: u32,
}

/// The answer of `workflow_template_apply`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TemplateApplied {
    /// Always true.
    pub success: bool,
    /// The id of the new workflow.
    pub workflow_id: WorkflowId,
    /// The template that was used.
    pub template_applied: Template,
    /// The new workflow.
    pub workflow: WorkflowRecord,
    /// What was done.
    pub message: String,
    /// Calls that make sense now.
    pub next_steps: Vec<String>,
}

/// The answer of `workflow_delete`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkflowDeleted {
    /// Always true.
    pub success: bool,
    /// The id of the workflow that is gone.
    pub workflow_id: WorkflowId,
    /// What was done.
    pub message: String,
}

/// Calls that make sense on a new workflow.
pub(super) fn next_calls(workflow: &Workflow) -> Vec<String> {
    let id = workflow.id();
    let act = match workflow.next_available_steps().first() {
        Some(step) => {
            format!(
                "Begin: workflow_update_step(workflow_id='{id}', step_id='{}', status='in_progress')",
                step.id
            )
        }
        None => format!("Add steps: workflow_add_step(workflow_id='{id}', step_id=..., description=...)"),
    };
    vec![act, format!("Look at it: workflow_get_status(id='{id}')")]
}

/// What makes sense for a workflow as it stands.
pub(super) fn recommendations(workflow: &Workflow) -> Vec<String> {
    let ids = |status: StepStatus| {
        let steps = workflow.steps().iter().filter(|step| step.status == status);
        steps.map(|step| format!("'{}'", step.id)).take(5).collect::<Vec<_>>().join(", ")
    };
    let next = workflow.next_available_steps();
    let advice = match workflow.status() {
        WorkflowStatus::Created | WorkflowStatus::InProgress if workflow.steps().is_empty() => {
            "Add steps with workflow_add_step".into()
        }
        WorkflowStatus::Created => "Begin by setting an available step to in_progress".into(),
        WorkflowStatus::InProgress if next.is_empty() => {
            format!("Finish what is in progress: {}", ids(StepStatus::InProgress))
        }
        WorkflowStatus::InProgress => "Go on with the next available steps".into(),
        WorkflowStatus::Completed => "All steps are settled; review the results".into(),
        WorkflowStatus::Failed => format!(
            "Look into the failed steps ({}); try them again by setting them to in_progress, or skip them",
            ids(StepStatus::Failed)
        ),
    };
    vec![advice]
}
