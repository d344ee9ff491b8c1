//! Searching the catalog.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{QueryAnalysis, bucket};
use crate::domain::bucket::BucketName;
use crate::domain::search::{Hit, Page, Question, SearchOrder, SearchScope, SearchText};
use crate::error::ToolError;
use crate::service::search::{Search, SearchService};

/// Who is searched with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum SearchBackend {
    /// The registry's index.
    #[default]
    Elasticsearch,
}

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SearchResults {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// What was searched for.
    pub query: SearchText,
    /// In what was searched.
    pub scope: SearchScope,
    /// The bucket, if one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// What was found, in the order that was asked for.
    pub results: Vec<Hit>,
    /// How many there are in all, on this and other pages.
    pub total_results: u64,
    /// Whether there are exactly so many; otherwise there are at least so many.
    pub total_is_exact: bool,
    /// The `offset` of the next page. Absent on the last that can be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_offset: Option<usize>,
    /// Results of this page that could not be read, and are left out.
    pub unreadable_results: usize,
    /// How many buckets were searched.
    pub buckets_searched: usize,
    /// How many buckets you can see were not searched, because the registry takes no more at once. Name one with `bucket`.
    pub buckets_left_out: usize,
    /// How long the registry took, in milliseconds.
    pub query_time_ms: u64,
    /// Who was asked.
    pub backend_used: SearchBackend,
    /// What the search was taken to mean.
    pub analysis: QueryAnalysis,
    /// The same in sentences, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

/// Search objects and packages in the catalog.
///
/// Every word must be found, in the name or the content; quotes keep words together, `*` and `?` stand for letters. Phrases
/// such as `csv files`, `larger than 100 MB`, `between 1 and 5 GB`, `modified in the last 7 days`, `created in 2024`, `since
/// 2024-05-01` and `largest files` are filters. Returns what you may see, with its whole number; go on with `next_offset`.
/// `search_explain` shows how a search is understood.
#[scoped_tool(read_only, idempotent, open_world, title = "Search the catalog")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn search_catalog(
    service: &SearchService<'_>,
    /// What to search for.
    query: SearchText,
    /// In what: objects, entries of packages, packages, or all of them.
    #[default(SearchScope::File)]
    scope: SearchScope,
    /// The bucket; empty for all that the catalog shows you.
    #[default(String::new())]
    bucket: String,
    /// There is one.
    #[default(SearchBackend::Elasticsearch)]
    backend: SearchBackend,
    /// The most results to return.
    #[default(50)]
    #[range(1..=200)]
    limit: u32,
    /// How many results to leave out: `next_offset` of the page before.
    #[default(0)]
    #[range(0..=9999)]
    offset: u32,
    /// What comes first; if left out, what the search says, or what fits best.
    order: Option<SearchOrder>,
    /// Whether each result comes with all that the index knows of it.
    #[default(true)]
    include_metadata: bool,
    /// Whether to say in a sentence how the search was understood.
    #[default(false)]
    explain_query: bool,
    /// Whether only to count: then there are no results, but their number.
    #[default(false)]
    count_only: bool,
) -> Result<SearchResults, ToolError> {
    let question = Question::read(&query);
    let bucket = self::bucket(&bucket)?;
    let page = if count_only { Page::COUNT } else { Page::within_reach(offset as usize, limit as usize) };
    let order = order.or(question.order).unwrap_or_default();
    let search = Search { question, scope, bucket, order, page, with_metadata: include_metadata };
    let answer = service.search(&search).await?;
    let analysis = QueryAnalysis::from(&search.question);
    Ok(SearchResults {
        success: true,
        query,
        scope,
        bucket: search.bucket,
        next_offset: page.after(answer.found.total),
        total_results: answer.found.total,
        total_is_exact: answer.found.exact,
        unreadable_results: answer.found.unreadable,
        results: answer.found.hits,
        buckets_searched: answer.searched.len(),
        buckets_left_out: answer.left_out,
        query_time_ms: u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX),
        backend_used: backend,
        explanation: explain_query.then(|| in_words(&analysis)),
        analysis,
    })
}

fn in_words(analysis: &QueryAnalysis) -> String {
    let words: Vec<String> = analysis.keywords.iter().map(|term| format!("`{}`", term.text)).collect();
    let sought = match words.as_slice() {
        [] => "everything is searched for".to_owned(),
        words => format!("{} must be found", words.join(" and ")),
    };
    match analysis.filters_applied.as_slice() {
        [] => format!("{sought}; nothing is filtered"),
        phrases => format!("{sought}; taken as filters: {}", phrases.join("; ")),
    }
}
