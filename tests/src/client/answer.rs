//! What a call comes back with.

use std::fmt;

use reqwest::StatusCode;
use serde_json::Value;

/// The result of a tool.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The tool says that it failed.
    pub is_error: bool,
    /// `structuredContent`; of a failure the envelope, which is its text.
    pub structured: Value,
    /// All text content.
    pub text: String,
}

/// Why there is no result of a tool.
#[derive(Debug)]
pub enum CallError {
    /// The HTTP layer refused.
    Http {
        /// With this status.
        status: StatusCode,
        /// And this body.
        body: String,
    },
    /// The protocol layer refused.
    Rpc {
        /// HTTP's status: the newer protocol says some things with it too.
        status: StatusCode,
        /// JSON-RPC's code.
        code: i64,
        /// And message.
        message: String,
    },
    /// The connection failed, or ended before the answer.
    Transport(String),
    /// The answer is no MCP.
    Malformed(String),
}

impl Answer {
    /// Reads a `tools/call` result.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(result: &Value) -> Result<Self, CallError> {
        let Some(content) = result["content"].as_array() else {
            return Err(CallError::Malformed(result.to_string()));
        };
        let text = content.iter().filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join("\n");
        let is_error = result["isError"].as_bool().unwrap_or(false);
        let structured = &result["structuredContent"];
        // Clients hold it to the tool's output schema, whether the call failed or not.
        if is_error && !structured.is_null() {
            return Err(CallError::Malformed(format!("a failure with structured content: {result}")));
        }
        let envelope = || serde_json::from_str(&text).unwrap_or_default();
        let structured = if is_error { envelope() } else { structured.clone() };
        Ok(Self { is_error, structured, text })
    }

    /// The stable code of a failure.
    pub fn error_code(&self) -> Option<&str> {
        self.structured.pointer("/error/code")?.as_str()
    }

    /// The request id of a failure, which leads to the operator's log.
    pub fn request_id(&self) -> Option<&str> {
        self.structured.pointer("/error/request_id")?.as_str()
    }

    /// Everything in it, as text: where a canary would be found.
    pub fn everything(&self) -> String {
        format!("{}\n{}", self.text, self.structured)
    }
}

impl CallError {
    /// The status, if HTTP said no too.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Http { status, .. } | Self::Rpc { status, .. } if !status.is_success() => Some(*status),
            _ => None,
        }
    }
}

impl From<reqwest::Error> for CallError {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(format!("{error:?}"))
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { status, body } => write!(f, "HTTP {status}: {body}"),
            Self::Rpc { code, message, .. } => write!(f, "JSON-RPC {code}: {message}"),
            Self::Transport(what) => write!(f, "transport: {what}"),
            Self::Malformed(what) => write!(f, "no MCP: {what}"),
        }
    }
}

impl std::error::Error for CallError {}

pub(super) fn result((status, mut message): (StatusCode, Value)) -> Result<Value, CallError> {
    if let Some(error) = message.get("error") {
        let code = error["code"].as_i64().unwrap_or_default();
        return Err(CallError::Rpc {
            status,
            code,
            message: error["message"].as_str().unwrap_or_default().into(),
        });
    }
    match message.get_mut("result") {
        Some(result) => Ok(result.take()),
        None => Err(CallError::Malformed(message.to_string())),
    }
}
