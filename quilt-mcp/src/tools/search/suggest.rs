//! How a search could go on.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::not_too_long;
use crate::domain::search::{SuggestionKind, Suggestions};
use crate::error::ToolError;

/// How a search could go on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SearchSuggestions {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// What was typed.
    pub partial_query: String,
    /// What it is about.
    pub context: String,
    /// How it could go on. Each is a whole search.
    pub suggestions: Suggestions,
    /// How many they are.
    pub total_suggestions: usize,
}

/// Suggest how a search could go on, or be made narrower.
///
/// Returns whole searches for `search_catalog`, from fixed lists of phrases, file types and terms: nothing is asked, and
/// none of them says that there is such data.
#[scoped_tool(read_only, idempotent, title = "Suggest searches")]
pub async fn search_suggest(
    /// What was typed so far.
    partial_query: String,
    /// What it is about, in a few words, such as the name of a bucket or package.
    #[default(String::new())]
    context: String,
    /// Which suggestions; all if left out.
    suggestion_types: Option<Vec<SuggestionKind>>,
    /// The most suggestions of each kind.
    #[default(10)]
    #[range(1..=50)]
    limit: u32,
) -> Result<SearchSuggestions, ToolError> {
    for (name, text) in [("partial_query", &partial_query), ("context", &context)] {
        not_too_long(name, text)?;
    }
    let kinds = suggestion_types.unwrap_or_else(|| vec![SuggestionKind::Auto]);
    let suggestions = Suggestions::of(&partial_query, &context, &kinds, limit as usize);
    Ok(SearchSuggestions {
        success: true,
        total_suggestions: suggestions.len(),
        partial_query,
        context,
        suggestions,
    })
}
