//! The states of steps and workflows, and which may follow which.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// How far a step has come.
///
/// | from | to |
/// |---|---|
/// | pending | in_progress, completed, failed, skipped |
/// | in_progress | completed, failed, skipped, pending (put back) |
/// | failed | in_progress (retry), pending (retry later), skipped (given up) |
/// | completed, skipped | nothing: they are settled |
///
/// A step may be reported completed or failed without ever having been in progress, as callers that report only
/// outcomes do. A failed step is not completed directly: it is tried again first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Not begun.
    Pending,
    /// Begun, and not ended.
    InProgress,
    /// Done. Final.
    Completed,
    /// Tried without success. May be tried again.
    Failed,
    /// Left out on purpose. Final, and as good as done for the steps that depend on it.
    Skipped,
}

impl StepStatus {
    /// Every status, in the order of a step's life.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::InProgress, Self::Completed, Self::Failed, Self::Skipped];

    /// The word in records and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// Whether steps that depend on this one may go on, and this one cannot change any more.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Completed | Self::Skipped)
    }

    /// Whether being in this status means that the step has begun, so that its dependencies have to be settled.
    pub const fn has_begun(self) -> bool {
        matches!(self, Self::InProgress | Self::Completed | Self::Failed)
    }

    /// Whether `next` may follow. A status that is not settled may follow itself: that adds a result or a message.
    pub fn may_become(self, next: Self) -> bool {
        self.successors().contains(&next) || (self == next && !self.is_settled())
    }

    /// The other statuses that may follow.
    pub const fn successors(self) -> &'static [Self] {
        match self {
            Self::Pending => &[Self::InProgress, Self::Completed, Self::Failed, Self::Skipped],
            Self::InProgress => &[Self::Completed, Self::Failed, Self::Skipped, Self::Pending],
            Self::Failed => &[Self::InProgress, Self::Pending, Self::Skipped],
            Self::Completed | Self::Skipped => &[],
        }
    }
}

impl fmt::Display for StepStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a workflow has come. Follows from its steps; nobody sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowStatus {
    /// No step has been touched yet.
    Created,
    /// Some step has been touched, none is failed, not all are settled.
    InProgress,
    /// There are steps, and all are settled.
    Completed,
    /// A step is failed. Retrying or skipping it leads out of this.
    Failed,
}

impl WorkflowStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Created, Self::InProgress, Self::Completed, Self::Failed];

    /// The word in records and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// Whether there is still work that nothing stands in the way of.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Created | Self::InProgress)
    }
}

impl fmt::Display for WorkflowStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A plain `enum` of words: the derived schema is a `oneOf`, which MCP clients show worse.
macro_rules! enum_schema {
    ($name:ident) => {
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "enum": Self::ALL.map(Self::as_str) })
            }
        }
    };
}
pub(super) use enum_schema;

enum_schema!(StepStatus);
enum_schema!(WorkflowStatus);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_serde() {
        for status in StepStatus::ALL {
            assert_eq!(serde_json::to_value(status).expect("encodes"), status.as_str());
        }
        for status in WorkflowStatus::ALL {
            assert_eq!(serde_json::to_value(status).expect("encodes"), status.as_str());
        }
    }

    #[test]
    fn every_pair_of_statuses_is_decided() {
        use StepStatus::{Completed, Failed, InProgress, Pending, Skipped};
        // Rows: from. Columns: pending, in_progress, completed, failed, skipped.
        let table = [
            (Pending, [true, true, true, true, true]),
            (InProgress, [true, true, true, true, true]),
            (Completed, [false, false, false, false, false]),
            (Failed, [true, true, false, true, true]),
            (Skipped, [false, false, false, false, false]),
        ];
        for (from, row) in table {
            assert_eq!(StepStatus::ALL.map(|to| from.may_become(to)), row, "from {from}");
        }
    }

    #[test]
    fn the_schema_is_a_plain_enum() {
        let schema = schemars::schema_for!(StepStatus);
        assert_eq!(
            schema.get("enum"),
            Some(&serde_json::json!(["pending", "in_progress", "completed", "failed", "skipped"]))
        );
    }
}
