//! What the tools answer. No step changes it, so clients notice none.

use schemars::JsonSchema;
use serde::Serialize;

/// What is in a bucket.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Who is on record as the reader.
    pub signed: String,
}

/// What the caller may do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Access {
    /// Whether the caller may read the bucket.
    pub may_read: bool,
}

/// The caller's workflows.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Workflows {
    /// In alphabetical order.
    pub ids: Vec<String>,
}
