//! Workflows: named steps with dependencies, and what may happen to them.
//!
//! Everything here is pure: a moment comes in as an argument, nothing is stored. A [`Workflow`] changes only through
//! [`Workflow::add_step`] and [`Workflow::update_step`]; each does all of a change or refuses it and does nothing.
//!
//! The rules:
//! - Which status may follow which is in [`StepStatus`]. Completed and skipped steps never change again. Reporting
//!   exactly what is recorded already is a repetition, accepted and without effect.
//! - A step is in progress, completed or failed only when all its dependencies are completed or skipped.
//! - The workflow's status follows from the steps, see [`WorkflowStatus`]. Retrying the failed step of a failed workflow
//!   reopens it.
//! - Adding a step to a completed workflow reopens it: work was found after all, and a refusal would only make the
//!   caller start another workflow. The log says so.
//! - Time does not run backwards: a moment before the last change counts as the moment of the last change.

mod error;
mod id;
pub mod limits;
mod progress;
mod record;
mod status;
mod step;
mod template;
#[cfg(test)]
mod tests;
mod timestamp;

use serde::{Deserialize, Serialize};

pub use self::error::{RefusalKind, WorkflowError};
pub use self::id::{StepId, WorkflowId};
pub use self::progress::{StepCounts, WorkflowSummary};
pub use self::status::{StepStatus, WorkflowStatus};
pub use self::step::{NewStep, Step, StepUpdate};
pub use self::template::Template;
pub use self::timestamp::Timestamp;

use self::limits::{
    MAX_DESCRIPTION_CHARS, MAX_LOG_ENTRIES, MAX_METADATA_BYTES, MAX_NAME_CHARS, MAX_STEPS,
    MAX_WORKFLOW_BYTES, Text, check_encoded, check_json, check_text, too_large,
};

/// A JSON object of the caller's.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;

/// A workflow whose rules have been kept since it was created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "record::Record")]
pub struct Workflow {
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

/// A workflow to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct NewWorkflow {
    /// Its id; must not be taken.
    pub id: WorkflowId,
    /// One line for people.
    pub name: String,
    /// More, for people.
    pub description: String,
    /// Whatever the caller wants to keep with it.
    pub metadata: JsonObject,
}

/// A line of the execution log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogEntry {
    /// When it happened.
    pub timestamp: Timestamp,
    /// The step it happened to.
    pub step_id: StepId,
    /// The status before and after, as in `pending -> in_progress`.
    pub status_change: String,
    /// The error message that came with it, or a sentence.
    pub message: String,
}

/// Whether an accepted update was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Effect {
    /// There is something to save.
    Changed,
    /// The record said so already.
    Repeated,
}

impl Workflow {
    /// A workflow without steps.
    ///
    /// # Errors
    ///
    /// When a text or the metadata is malformed or too large.
    pub fn create(new: NewWorkflow, now: Timestamp) -> Result<Self, WorkflowError> {
        check_text("workflow name", &new.name, Text::Line, MAX_NAME_CHARS)?;
        check_text("workflow description", &new.description, Text::Prose, MAX_DESCRIPTION_CHARS)?;
        check_json("workflow metadata", &new.metadata, MAX_METADATA_BYTES)?;
        Ok(Self {
            id: new.id,
            name: new.name,
            description: new.description,
            metadata: new.metadata,
            steps: Vec::new(),
            created_at: now,
            updated_at: now,
            started_at: None,
            completed_at: None,
            execution_log: Vec::new(),
        })
    }

    /// Adds a pending step. Its dependencies have to exist, so there can be no circle.
    ///
    /// # Errors
    ///
    /// When the id is taken, a dependency does not exist, or a limit is reached.
    pub fn add_step(&mut self, mut new: NewStep, now: Timestamp) -> Result<(), WorkflowError> {
        if self.step(&new.id).is_some() {
            return Err(WorkflowError::new(
                RefusalKind::Exists,
                format!("step '{}' already exists in workflow '{}'", new.id, self.id),
            )
            .with_hint("choose another step_id, or report on the existing step with workflow_update_step"));
        }
        new.check()?;
        self.check_dependencies(&new)?;
        if self.steps.len() >= MAX_STEPS {
            let is = format!("{} steps already", self.steps.len());
            return Err(too_large("workflow", &is, MAX_STEPS, "go on in a second workflow"));
        }
        let mut seen = Vec::with_capacity(new.dependencies.len());
        for dependency in std::mem::take(&mut new.dependencies) {
            if !seen.contains(&dependency) {
                seen.push(dependency);
            }
        }
        new.dependencies = seen;

        let step = Step::new(new, now.max(self.updated_at));
        self.change(now, |workflow, now| {
            if workflow.status() == WorkflowStatus::Completed {
                workflow.log(LogEntry {
                    timestamp: now,
                    step_id: step.id.clone(),
                    status_change: "added".into(),
                    message: "Adding this step reopened the completed workflow".into(),
                });
            }
            workflow.steps.push(step);
        })
    }

    /// Records what is reported about a step.
    ///
    /// # Errors
    ///
    /// When there is no such step, its status may not change so, a dependency is not settled, or a limit is reached.
    pub fn update_step(
        &mut self,
        id: &StepId,
        update: StepUpdate,
        now: Timestamp,
    ) -> Result<Effect, WorkflowError> {
        let Some(at) = self.steps.iter().position(|step| step.id == *id) else {
            return Err(WorkflowError::new(
                RefusalKind::NotFound,
                format!("step '{id}' not found in workflow '{}'", self.id),
            )
            .with_hint("workflow_get_status lists the steps"));
        };
        let step = &self.steps[at];
        if step.says_already(&update) {
            return Ok(Effect::Repeated);
        }
        update.check()?;
        check_transition(step, update.status)?;
        if update.status.has_begun() {
            self.check_settled(step)?;
        }

        let was = step.status;
        let next = update.status;
        let message = update.error_message.clone().unwrap_or_else(|| format!("Step {next}"));
        self.change(now, |workflow, now| {
            if next != StepStatus::Pending {
                workflow.started_at.get_or_insert(now);
            }
            workflow.steps[at].apply(update, now);
            workflow.log(LogEntry {
                timestamp: now,
                step_id: id.clone(),
                status_change: format!("{was} -> {next}"),
                message,
            });
        })?;
        Ok(Effect::Changed)
    }

    /// Its id.
    pub fn id(&self) -> &WorkflowId {
        &self.id
    }

    /// One line for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// More, for people.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What the caller keeps with it.
    pub fn metadata(&self) -> &JsonObject {
        &self.metadata
    }

    /// The steps in the order they were added; a step comes after its dependencies.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The step of this id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// When it was created.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// When it was last changed.
    pub fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    /// When the first step was begun, failed or skipped.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// When the last step was settled; none unless completed.
    pub fn completed_at(&self) -> Option<Timestamp> {
        self.completed_at
    }

    /// The latest events, oldest first, at most [`limits::MAX_LOG_ENTRIES`].
    pub fn execution_log(&self) -> &[LogEntry] {
        &self.execution_log
    }

    /// How far it has come.
    pub fn status(&self) -> WorkflowStatus {
        let counts = self.counts();
        if counts.failed_steps > 0 {
            WorkflowStatus::Failed
        } else if counts.total_steps > 0 && counts.settled() == counts.total_steps {
            WorkflowStatus::Completed
        } else if self.started_at.is_some() {
            WorkflowStatus::InProgress
        } else {
            WorkflowStatus::Created
        }
    }

    /// Its steps, counted.
    pub fn counts(&self) -> StepCounts {
        StepCounts::of(&self.steps)
    }

    /// The pending steps whose dependencies are all settled.
    pub fn next_available_steps(&self) -> Vec<&Step> {
        self.steps
            .iter()
            .filter(|step| step.status == StepStatus::Pending && self.unsettled(step).next().is_none())
            .collect()
    }

    /// It, as a line of a list.
    pub fn summary(&self) -> WorkflowSummary {
        WorkflowSummary {
            id: self.id.clone(),
            name: self.name.clone(),
            status: self.status(),
            progress: self.counts(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    /// Makes a checked change, unless it makes the whole too large.
    fn change(
        &mut self,
        now: Timestamp,
        make: impl FnOnce(&mut Self, Timestamp),
    ) -> Result<(), WorkflowError> {
        let now = now.max(self.updated_at);
        let mut changed = self.clone();
        make(&mut changed, now);
        changed.updated_at = now;
        changed.completed_at = match changed.status() {
            WorkflowStatus::Completed => Some(changed.completed_at.unwrap_or(now)),
            _ => None,
        };
        check_encoded("workflow", &changed, MAX_WORKFLOW_BYTES)?;
        *self = changed;
        Ok(())
    }

    fn log(&mut self, entry: LogEntry) {
        if self.execution_log.len() >= MAX_LOG_ENTRIES {
            self.execution_log.remove(0);
        }
        self.execution_log.push(entry);
    }

    fn check_dependencies(&self, new: &NewStep) -> Result<(), WorkflowError> {
        let missing = new.dependencies.iter().filter(|id| self.step(id).is_none());
        let Some(names) = quoted(missing.map(ToString::to_string)) else { return Ok(()) };
        Err(WorkflowError::new(
            RefusalKind::Invalid,
            format!("invalid dependencies: workflow '{}' has no step {names}", self.id),
        )
        .with_hint("add the steps that others depend on first"))
    }

    fn check_settled(&self, step: &Step) -> Result<(), WorkflowError> {
        let open = self.unsettled(step).map(|on| format!("{} ({})", on.id, on.status));
        let Some(names) = quoted(open) else { return Ok(()) };
        Err(WorkflowError::new(
            RefusalKind::State,
            format!("step '{}' cannot begin before the steps it depends on: {names}", step.id),
        )
        .with_hint("complete or skip those first"))
    }

    fn unsettled<'a>(&'a self, step: &'a Step) -> impl Iterator<Item = &'a Step> {
        let on = step.dependencies.iter().filter_map(|id| self.step(id));
        on.filter(|step| !step.status.is_settled())
    }
}

fn check_transition(step: &Step, next: StepStatus) -> Result<(), WorkflowError> {
    let was = step.status;
    if was.may_become(next) {
        return Ok(());
    }
    let refused =
        |message: String, hint: String| Err(WorkflowError::new(RefusalKind::State, message).with_hint(hint));
    let id = &step.id;
    if was == next {
        refused(
            format!("step '{id}' is {was} already, with another result or error message"),
            "a settled step does not change; add a step for what came later".into(),
        )
    } else if was.is_settled() {
        refused(
            format!("step '{id}' is {was} and cannot become {next}"),
            "a settled step does not change; add a new step to do the work again".into(),
        )
    } else {
        let allowed: Vec<_> = was.successors().iter().map(|status| status.as_str()).collect();
        refused(
            format!("step '{id}' is {was} and cannot become {next} directly"),
            format!("from {was} it may become {}", allowed.join(", ")),
        )
    }
}

/// The first few of `names`, for a message; none if there are none.
fn quoted(names: impl Iterator<Item = String>) -> Option<String> {
    const SHOWN: usize = 5;
    let names: Vec<_> = names.collect();
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("'{name}'")).collect();
    let more = names.len().saturating_sub(SHOWN);
    match shown.len() {
        0 => None,
        _ if more > 0 => Some(format!("{} and {more} more", shown.join(", "))),
        _ => Some(shown.join(", ")),
    }
}
