//! One step of a workflow.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::JsonObject;
use super::error::WorkflowError;
use super::id::StepId;
use super::limits::{
    MAX_DEPENDENCIES, MAX_DESCRIPTION_CHARS, MAX_ERROR_MESSAGE_CHARS, MAX_METADATA_BYTES, MAX_RESULT_BYTES,
    MAX_STEP_TYPE_CHARS, Text, check_json, check_text, too_large,
};
use super::status::StepStatus;
use super::timestamp::Timestamp;

/// A step as it stands. A [`Workflow`](super::Workflow) lends its steps for reading only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Its id, unique in the workflow.
    pub id: StepId,
    /// What is to be done.
    pub description: String,
    /// A free word for the sort of work, `manual` by default.
    pub step_type: String,
    /// How far it has come.
    pub status: StepStatus,
    /// Steps that have to be completed or skipped before this one begins.
    pub dependencies: Vec<StepId>,
    /// Whatever the caller wants to keep with it.
    pub metadata: JsonObject,
    /// When it was added.
    pub created_at: Timestamp,
    /// When the latest attempt began; absent while pending, and if it was skipped before it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it was completed, failed or skipped; absent while pending or in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// The latest error message that was given. A later success does not erase it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The latest result that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<JsonObject>,
}

impl Step {
    pub(super) fn new(new: NewStep, now: Timestamp) -> Self {
        Self {
            id: new.id,
            description: new.description,
            step_type: new.step_type,
            status: StepStatus::Pending,
            dependencies: new.dependencies,
            metadata: new.metadata,
            created_at: now,
            started_at: None,
            completed_at: None,
            error_message: None,
            result: None,
        }
    }

    /// Whether `update` would say nothing new: then it is a repetition, not a change.
    pub(super) fn says_already(&self, update: &StepUpdate) -> bool {
        self.status == update.status
            && update.result.as_ref().is_none_or(|new| self.result.as_ref() == Some(new))
            && update.error_message.as_ref().is_none_or(|new| self.error_message.as_ref() == Some(new))
    }

    pub(super) fn apply(&mut self, update: StepUpdate, now: Timestamp) {
        if self.status != update.status {
            match update.status {
                StepStatus::Pending => (self.started_at, self.completed_at) = (None, None),
                StepStatus::InProgress => (self.started_at, self.completed_at) = (Some(now), None),
                StepStatus::Completed | StepStatus::Failed => {
                    self.started_at.get_or_insert(now);
                    self.completed_at = Some(now);
                }
                StepStatus::Skipped => self.completed_at = Some(now),
            }
            self.status = update.status;
        }
        if update.result.is_some() {
            self.result = update.result;
        }
        if update.error_message.is_some() {
            self.error_message = update.error_message;
        }
    }
}

/// A step to be added.
#[derive(Clone, Debug, PartialEq)]
pub struct NewStep {
    /// Its id; must not be taken.
    pub id: StepId,
    /// What is to be done.
    pub description: String,
    /// A free word for the sort of work.
    pub step_type: String,
    /// Existing steps to wait for. Named twice is named once.
    pub dependencies: Vec<StepId>,
    /// Whatever the caller wants to keep with it.
    pub metadata: JsonObject,
}

impl NewStep {
    /// The step type of those who say none.
    pub const DEFAULT_TYPE: &'static str = "manual";

    pub(super) fn check(&self) -> Result<(), WorkflowError> {
        check_text("step description", &self.description, Text::Prose, MAX_DESCRIPTION_CHARS)?;
        check_text("step type", &self.step_type, Text::Line, MAX_STEP_TYPE_CHARS)?;
        check_json("step metadata", &self.metadata, MAX_METADATA_BYTES)?;
        let dependencies = self.dependencies.len();
        if dependencies > MAX_DEPENDENCIES {
            let is = format!("{dependencies} dependencies");
            return Err(too_large("step", &is, MAX_DEPENDENCIES, "depend on a later step of those"));
        }
        Ok(())
    }
}

/// What is reported about a step. What is not given stays as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct StepUpdate {
    /// The status it has now.
    pub status: StepStatus,
    /// What came of it.
    pub result: Option<JsonObject>,
    /// What went wrong.
    pub error_message: Option<String>,
}

impl StepUpdate {
    /// Only the status.
    pub fn to(status: StepStatus) -> Self {
        Self { status, result: None, error_message: None }
    }

    pub(super) fn check(&self) -> Result<(), WorkflowError> {
        if let Some(result) = &self.result {
            check_json("step result", result, MAX_RESULT_BYTES)?;
        }
        if let Some(message) = &self.error_message {
            check_text("error message", message, Text::Prose, MAX_ERROR_MESSAGE_CHARS)?;
        }
        Ok(())
    }
}
