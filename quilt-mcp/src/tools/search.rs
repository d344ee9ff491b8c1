//! Searching the catalog, and what a search means.

mod catalog;
mod docs;
mod explain;
mod suggest;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::bucket::BucketName;
use crate::domain::search::{Extension, Intent, Period, Question, SizeRange, Term};
use crate::error::ToolError;

pub use catalog::{SearchBackend, SearchResults, search_catalog};
pub use docs::{DocsFound, search_docs_quilt_bio};
pub use explain::{SearchExplanation, search_explain};
pub use suggest::{SearchSuggestions, search_suggest};

/// What a search was taken to mean.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct QueryAnalysis {
    /// For what kind of thing it seems to be. It changes nothing.
    pub query_type: Intent,
    /// What must be found, all of it.
    pub keywords: Vec<Term>,
    /// Names must end in one of these, if there are any.
    pub file_extensions: Vec<Extension>,
    /// How large.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<SizeRange>,
    /// When changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<Period>,
    /// The phrases that were taken as filters, as they were typed. Their words are not searched for.
    pub filters_applied: Vec<String>,
}

impl From<&Question> for QueryAnalysis {
    fn from(question: &Question) -> Self {
        Self {
            query_type: question.intent,
            keywords: question.terms.clone(),
            file_extensions: question.extensions.clone(),
            size: (!question.size.is_unlimited()).then_some(question.size),
            modified: (!question.changed.is_unlimited()).then(|| question.changed.clone()),
            filters_applied: question.recognised.clone(),
        }
    }
}

/// The bucket that is named, if one is.
fn bucket(name: &str) -> Result<Option<BucketName>, ToolError> {
    if name.is_empty() {
        return Ok(None);
    }
    name.parse().map(Some).map_err(|error| ToolError::invalid_input(format!("`bucket`: {error}")))
}

/// The longest text that is worth looking at, in characters.
const MOST_CHARACTERS: usize = 1_000;

fn not_too_long(name: &str, text: &str) -> Result<(), ToolError> {
    if text.chars().count() > MOST_CHARACTERS {
        return Err(ToolError::invalid_input(format!(
            "`{name}` may have at most {MOST_CHARACTERS} characters"
        )));
    }
    Ok(())
}
