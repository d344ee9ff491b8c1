//! Counting steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::id::WorkflowId;
use super::status::{StepStatus, WorkflowStatus};
use super::step::Step;
use super::timestamp::Timestamp;

/// How many steps of a workflow are in which status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepCounts {
    /// All steps. The other counts add up to it.
    pub total_steps: u32,
    /// Steps that are completed.
    pub completed_steps: u32,
    /// Steps that are failed.
    pub failed_steps: u32,
    /// Steps that were left out on purpose.
    pub skipped_steps: u32,
    /// Steps that are being worked on.
    pub in_progress_steps: u32,
    /// Steps that have not begun.
    pub pending_steps: u32,
    /// Settled (completed or skipped) steps in percent of all, to one decimal; 0 without steps.
    pub percentage: f64,
}

impl StepCounts {
    pub(super) fn of(steps: &[Step]) -> Self {
        let mut counts = Self::default();
        for step in steps {
            counts.total_steps += 1;
            *match step.status {
                StepStatus::Pending => &mut counts.pending_steps,
                StepStatus::InProgress => &mut counts.in_progress_steps,
                StepStatus::Completed => &mut counts.completed_steps,
                StepStatus::Failed => &mut counts.failed_steps,
                StepStatus::Skipped => &mut counts.skipped_steps,
            } += 1;
        }
        if counts.total_steps > 0 {
            let share = f64::from(counts.settled()) / f64::from(counts.total_steps);
            counts.percentage = (share * 1000.0).round() / 10.0;
        }
        counts
    }

    /// Steps that nothing more is to be done about.
    pub fn settled(&self) -> u32 {
        self.completed_steps + self.skipped_steps
    }
}

/// A workflow in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkflowSummary {
    /// Its id.
    pub id: WorkflowId,
    /// Its name.
    pub name: String,
    /// How far it has come.
    pub status: WorkflowStatus,
    /// Its steps, counted.
    pub progress: StepCounts,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
