//! Why the rules of a workflow refuse something.

use std::fmt;

/// What sort of refusal it is. A service turns it into the error a caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The argument is malformed.
    Invalid,
    /// The workflow has no such step.
    NotFound,
    /// A step of this id is there already.
    Exists,
    /// The rules do not allow this change now.
    State,
    /// One of the [`limits`](super::limits) would be exceeded.
    Limit,
}

/// A change that the rules refuse. The workflow is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowError {
    /// What sort of refusal it is.
    pub kind: RefusalKind,
    /// What is wrong, for the caller.
    pub message: String,
    /// What the caller can do about it.
    pub hint: Option<String>,
}

impl WorkflowError {
    pub(super) fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for WorkflowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for WorkflowError {}
