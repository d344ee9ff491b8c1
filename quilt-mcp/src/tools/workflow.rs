//! Tools to keep track of work in several steps.

mod output;
#[cfg(test)]
mod tests;

use quilt_scope::scoped_tool;

pub use self::output::{
    AddedStep, StepAdded, StepUpdated, TemplateApplied, WorkflowCounts, WorkflowCreated, WorkflowDeleted,
    WorkflowList, WorkflowRecord, WorkflowReport,
};
use self::output::{next_calls, recommendations};
use crate::domain::workflow::limits::{
    MAX_DEPENDENCIES, MAX_DESCRIPTION_CHARS, MAX_ERROR_MESSAGE_CHARS, MAX_NAME_CHARS, MAX_STEP_TYPE_CHARS,
};
use crate::domain::workflow::{
    JsonObject, NewStep, NewWorkflow, StepId, StepStatus, StepUpdate, Template, WorkflowId, WorkflowStatus,
};
use crate::error::ToolError;
use crate::service::workflow::WorkflowService;

/// Create an empty workflow to keep track of work in several steps.
///
/// Returns the new workflow. Add steps with `workflow_add_step`; for common jobs `workflow_template_apply` does both at
/// once. Workflows are private to you, and are kept until you delete them.
#[scoped_tool(title = "Create a workflow")]
pub async fn workflow_create(
    workflows: &WorkflowService<'_>,
    /// Your id for the workflow, 1 to 128 characters, not used by another of your workflows.
    workflow_id: WorkflowId,
    /// A short name for people, one line.
    #[length(1..=MAX_NAME_CHARS)]
    name: String,
    /// What the workflow is for.
    #[default(String::new())]
    #[length(0..=MAX_DESCRIPTION_CHARS)]
    description: String,
    /// Anything to keep with the workflow, as a JSON object.
    metadata: Option<JsonObject>,
) -> Result<WorkflowCreated, ToolError> {
    let new = NewWorkflow { id: workflow_id, name, description, metadata: metadata.unwrap_or_default() };
    let workflow = workflows.create(new).await?;
    Ok(WorkflowCreated {
        success: true,
        message: format!("Workflow '{}' created", workflow.name()),
        next_steps: next_calls(&workflow),
        workflow_id: workflow.id().clone(),
        workflow: WorkflowRecord::of(&workflow),
    })
}

/// Add a step to a workflow.
///
/// Returns the step, which is pending. It can begin when all steps it depends on are completed or skipped. Adding a step
/// to a completed workflow reopens the workflow.
#[scoped_tool(title = "Add a workflow step")]
pub async fn workflow_add_step(
    workflows: &WorkflowService<'_>,
    /// The workflow to add to.
    workflow_id: WorkflowId,
    /// Your id for the step, not used by another step of this workflow.
    step_id: StepId,
    /// What is to be done.
    #[length(0..=MAX_DESCRIPTION_CHARS)]
    description: String,
    /// A word for the sort of work, such as `manual`, `analysis` or `validation`.
    #[default(NewStep::DEFAULT_TYPE.to_owned())]
    #[length(1..=MAX_STEP_TYPE_CHARS)]
    step_type: String,
    /// Ids of steps that have to be completed or skipped first. They must exist already.
    #[length(0..=MAX_DEPENDENCIES)]
    dependencies: Option<Vec<StepId>>,
    /// Anything to keep with the step, as a JSON object.
    metadata: Option<JsonObject>,
) -> Result<StepAdded, ToolError> {
    let new = NewStep {
        id: step_id.clone(),
        description,
        step_type,
        dependencies: dependencies.unwrap_or_default(),
        metadata: metadata.unwrap_or_default(),
    };
    let workflow = workflows.add_step(&workflow_id, new).await?;
    let step = workflow.step(&step_id).ok_or_else(|| ToolError::internal("the added step is missing"))?;
    Ok(StepAdded {
        success: true,
        message: format!("Step '{step_id}' added to workflow '{workflow_id}'"),
        step: AddedStep { step_id: step_id.clone(), step: step.clone() },
        workflow_summary: WorkflowCounts {
            total_steps: workflow.counts().total_steps,
            status: workflow.status(),
        },
        workflow_id,
        step_id,
    })
}

/// Report how far a step of a workflow has come.
///
/// Returns the step and the progress of the workflow. A step can begin, be completed or fail only when all steps it
/// depends on are completed or skipped. Completed and skipped are final; a failed step can be tried again by setting it
/// to `in_progress`. Repeating a report is harmless. `result` and `error_message` stay as they were when not given.
#[scoped_tool(idempotent, title = "Update a workflow step")]
pub async fn workflow_update_step(
    workflows: &WorkflowService<'_>,
    /// The workflow that the step is in.
    workflow_id: WorkflowId,
    /// The step to report on.
    step_id: StepId,
    /// How far the step is now.
    status: StepStatus,
    /// What came of the step, as a JSON object.
    result: Option<JsonObject>,
    /// What went wrong, when it failed.
    #[length(0..=MAX_ERROR_MESSAGE_CHARS)]
    error_message: Option<String>,
) -> Result<StepUpdated, ToolError> {
    let report = StepUpdate { status, result, error_message };
    let workflow = workflows.update_step(&workflow_id, &step_id, report).await?;
    let step = workflow.step(&step_id).ok_or_else(|| ToolError::internal("the updated step is missing"))?;
    Ok(StepUpdated {
        success: true,
        step: step.clone(),
        workflow_status: workflow.status(),
        progress: workflow.counts(),
        workflow_id,
        step_id,
    })
}

/// Look at one workflow: its steps, progress, and what can be done next.
///
/// Returns the whole workflow, its steps counted by status, the ids of the steps that can begin now, and the latest
/// events.
#[scoped_tool(read_only, idempotent, title = "Get workflow status")]
pub async fn workflow_get_status(
    workflows: &WorkflowService<'_>,
    /// The id of the workflow.
    id: WorkflowId,
) -> Result<WorkflowReport, ToolError> {
    const RECENT: usize = 5;
    let workflow = workflows.get_status(&id).await?;
    let progress = workflow.counts();
    let next: Vec<_> = workflow.next_available_steps().into_iter().map(|step| step.id.clone()).collect();
    let log = workflow.execution_log();
    Ok(WorkflowReport {
        success: true,
        can_proceed: !next.is_empty() && progress.failed_steps == 0,
        recent_activity: log[log.len().saturating_sub(RECENT)..].to_vec(),
        recommendations: recommendations(&workflow),
        next_available_steps: next,
        progress,
        workflow: WorkflowRecord::of(&workflow),
    })
}

/// List all your workflows, the latest changed first.
///
/// Returns id, name, status and progress of each, without the steps; `workflow_get_status` shows those.
#[scoped_tool(read_only, idempotent, title = "List workflows")]
pub async fn workflow_list_all(workflows: &WorkflowService<'_>) -> Result<WorkflowList, ToolError> {
    let workflows = workflows.list_all().await?;
    let count = |wanted: fn(WorkflowStatus) -> bool| {
        u32::try_from(workflows.iter().filter(|one| wanted(one.status)).count()).unwrap_or(u32::MAX)
    };
    Ok(WorkflowList {
        success: true,
        total_workflows: count(|_| true),
        active_workflows: count(WorkflowStatus::is_active),
        completed_workflows: count(|status| status == WorkflowStatus::Completed),
        workflows,
    })
}

/// Create a workflow with ready-made steps for a common job.
///
/// Returns the new workflow. Templates and their parameters: `cross-package-aggregation` (`source_packages`,
/// `target_package`), `environment-promotion` (`source_env`, `target_env`, `package_name`), `longitudinal-analysis`
/// (`dataset`, `time_range`), `data-validation` (`packages`, `validation_rules`). All of them have defaults. The whole
/// workflow is created at once or not at all.
#[scoped_tool(title = "Apply a workflow template")]
pub async fn workflow_template_apply(
    workflows: &WorkflowService<'_>,
    /// Which template.
    template_name: Template,
    /// Your id for the new workflow, not used by another of your workflows.
    workflow_id: WorkflowId,
    /// Parameters of the template, as a JSON object.
    #[default(JsonObject::new())]
    params: JsonObject,
) -> Result<TemplateApplied, ToolError> {
    let workflow = workflows.template_apply(template_name, workflow_id, params).await?;
    Ok(TemplateApplied {
        success: true,
        message: format!("Template '{}' applied", template_name.as_str()),
        template_applied: template_name,
        next_steps: next_calls(&workflow),
        workflow_id: workflow.id().clone(),
        workflow: WorkflowRecord::of(&workflow),
    })
}

/// Delete one of your workflows with all its steps, for good.
///
/// Returns the id of the deleted workflow. There is no undo.
#[scoped_tool(destructive, idempotent, title = "Delete a workflow")]
pub async fn workflow_delete(
    workflows: &WorkflowService<'_>,
    /// The id of the workflow to delete.
    id: WorkflowId,
) -> Result<WorkflowDeleted, ToolError> {
    workflows.delete(&id).await?;
    Ok(WorkflowDeleted { success: true, message: format!("Workflow '{id}' deleted"), workflow_id: id })
}
