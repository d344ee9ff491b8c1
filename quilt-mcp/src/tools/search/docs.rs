//! Searching Quilt's documentation.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::not_too_long;
use crate::error::ToolError;
use crate::service::docs::{Docs, FoundPage};

/// Pages of the documentation.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DocsFound {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// What was searched for.
    pub query: String,
    /// The site that was searched.
    pub source: String,
    /// Whether pages of older versions were searched too.
    pub include_versioned_docs: bool,
    /// How many pages fit.
    pub total_matches: usize,
    /// The best of them, best first.
    pub results: Vec<DocsPageFound>,
}

/// A page.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DocsPageFound {
    /// Its address.
    pub url: String,
    /// When it changed last, if the site says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// How well it fits.
    pub score: u32,
    /// The words that fit.
    pub matched_terms: Vec<String>,
    /// Its title. Only of the first five.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its description. Only of the first five.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
}

impl From<FoundPage> for DocsPageFound {
    fn from(found: FoundPage) -> Self {
        Self {
            url: found.listed.page.url().to_owned(),
            last_modified: found.listed.last_modified,
            score: found.fit.score,
            matched_terms: found.fit.matched,
            title: found.head.title,
            snippet: found.head.description,
        }
    }
}

/// Search Quilt's documentation for pages on a subject.
///
/// Returns addresses, best first, with titles and descriptions of the first five. Pages are found by the words in their
/// addresses; what you search for is not sent anywhere. For data, use `search_catalog`.
#[scoped_tool(read_only, idempotent, open_world, title = "Search documentation")]
pub async fn search_docs_quilt_bio(
    docs: &Docs,
    /// What to look for, in a few words.
    query: String,
    /// The most pages to return.
    #[default(8)]
    #[range(1..=25)]
    limit: u32,
    /// Whether to search pages of older versions too.
    #[default(false)]
    include_versioned_docs: bool,
) -> Result<DocsFound, ToolError> {
    not_too_long("query", &query)?;
    let (total_matches, found) = docs.search(&query, limit as usize, include_versioned_docs).await?;
    Ok(DocsFound {
        success: true,
        query,
        source: docs.site().map(ToString::to_string).unwrap_or_default(),
        include_versioned_docs,
        total_matches,
        results: found.into_iter().map(DocsPageFound::from).collect(),
    })
}
