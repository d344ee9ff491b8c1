//! The one error that tools and services speak.
//!
//! A [`ToolError`] knows nothing of a transport. It carries a stable code and a message for the caller, a hint how to
//! fix it, and detail for the operator, which is logged and never sent.

use std::fmt;

/// Why a call failed, as a word that clients may match on. The set only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// An argument is malformed or out of range. Nothing was done.
    InvalidInput,
    /// The caller's rights do not allow it, or the endpoint says so.
    AccessDenied,
    /// The caller's AWS credentials could not be obtained, or the registry does not take the caller's token. There is no
    /// fallback.
    CredentialsUnavailable,
    /// The thing asked for does not exist, or this caller may not know that it does.
    NotFound,
    /// It exists already, or somebody changed it in the meantime.
    Conflict,
    /// The thing is in a state that does not allow the change.
    InvalidState,
    /// A limit of this server was reached.
    LimitExceeded,
    /// This server, in this mode, does not do that.
    Unsupported,
    /// A system behind this server did not answer, or answered with a fault of its own.
    Unavailable,
    /// The caller cancelled, or the deadline passed.
    Cancelled,
    /// A fault in this server. The request id leads the operator to the detail.
    Internal,
}

impl ErrorCode {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::InvalidInput,
        Self::AccessDenied,
        Self::CredentialsUnavailable,
        Self::NotFound,
        Self::Conflict,
        Self::InvalidState,
        Self::LimitExceeded,
        Self::Unsupported,
        Self::Unavailable,
        Self::Cancelled,
        Self::Internal,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::AccessDenied => "access_denied",
            Self::CredentialsUnavailable => "credentials_unavailable",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::InvalidState => "invalid_state",
            Self::LimitExceeded => "limit_exceeded",
            Self::Unsupported => "unsupported",
            Self::Unavailable => "unavailable",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failure of a tool or a service.
///
/// `Display` shows the code and the message only. What [`ToolError::detail`] holds is for the operator's log.
#[derive(Debug)]
pub struct ToolError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    code: ErrorCode,
    message: String,
    hint: Option<String>,
    detail: Option<String>,
}

impl ToolError {
    /// A failure with what the caller is told.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Box::new(Parts { code, message: message.into(), hint: None, detail: None }))
    }

    /// [`ErrorCode::InvalidInput`]: the message names the argument and what would be right.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// [`ErrorCode::NotFound`].
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }

    /// [`ErrorCode::Internal`]: the caller learns nothing but that it happened, the operator gets `detail`.
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self::new(ErrorCode::Internal, "the server failed to complete the call").with_detail(detail)
    }

    /// Adds what the caller can do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds what the operator should know. Never sent to the caller; must not hold a secret.
    #[must_use]
    pub fn with_detail(mut self, detail: impl fmt::Display) -> Self {
        self.0.detail = Some(detail.to_string());
        self
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// What the caller is told.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the caller can do about it.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// What only the operator is told.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.message)
    }
}

impl std::error::Error for ToolError {}
