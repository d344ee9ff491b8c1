//! Looking at a query without running it.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::ToolError;
use crate::service::athena::QueryRules;
use crate::service::athena::statement::{Effect, Statement};

/// What is known of a statement before it runs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Validation {
    /// Always true: the statement was looked at.
    pub success: bool,
    /// Whether athena_query_execute would send it to Athena.
    pub valid: bool,
    /// Its first word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_type: Option<String>,
    /// What it does, as far as that is known.
    pub effect: StatementEffect,
    /// The same in a sentence.
    pub message: String,
    /// What to change.
    pub suggestions: Vec<String>,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum StatementEffect {
    /// It only reads.
    Reads,
    /// It changes something, or runs something that may.
    Writes,
    /// Not known.
    Unknown,
}

/// Check an Athena query without running it.
///
/// Says whether athena_query_execute would send it, and what it does. Nothing is asked of Athena: whether tables and columns
/// exist shows when it runs, or with EXPLAIN.
#[scoped_tool(read_only, idempotent, title = "Check an Athena query")]
pub async fn athena_query_validate(
    rules: &QueryRules,
    /// The statement.
    query: String,
) -> Result<Validation, ToolError> {
    let statement = match Statement::read(&query) {
        Ok(statement) => statement,
        Err(error) => {
            return Ok(Validation {
                success: true,
                valid: false,
                query_type: None,
                effect: StatementEffect::Unknown,
                message: error.message().to_owned(),
                suggestions: error.hint().map(ToOwned::to_owned).into_iter().collect(),
            });
        }
    };
    let refused = if rules.may_write { None } else { statement.must_read().err() };
    let suggestions =
        refused.as_ref().and_then(|error| error.hint().map(ToOwned::to_owned)).into_iter().collect();
    let (effect, known) = match statement.effect() {
        Effect::Reads => (StatementEffect::Reads, "the statement only reads".to_owned()),
        Effect::Writes(why) => (StatementEffect::Writes, format!("the statement does more than read: {why}")),
        Effect::Unknown(why) => (StatementEffect::Unknown, format!("the statement is not understood: {why}")),
    };
    Ok(Validation {
        success: true,
        valid: refused.is_none(),
        query_type: Some(statement.first_word().to_owned()),
        effect,
        message: refused.map_or(known, |error| error.message().to_owned()),
        suggestions,
    })
}
