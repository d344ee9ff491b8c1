//! What a search would ask.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{QueryAnalysis, bucket};
use crate::domain::bucket::BucketName;
use crate::domain::search::{Indices, Page, Question, SearchRequest, SearchScope, SearchText};
use crate::error::ToolError;
use crate::service::search::SearchService;

/// What a search would ask.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SearchExplanation {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// What was typed.
    pub query: SearchText,
    /// In what would be searched.
    pub scope: SearchScope,
    /// The bucket, if one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// What the search is taken to mean.
    pub analysis: QueryAnalysis,
    /// Who would be asked.
    pub backends_selected: Vec<String>,
    /// Which indices. Absent if neither a bucket is named nor a registry there that could say which you may see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indices: Option<Vec<String>>,
    /// What would be sent, as Elasticsearch has it, for the first 50 results by relevance.
    pub request_body: Map<String, Value>,
    /// What could be better.
    pub optimization_suggestions: Vec<String>,
}

/// Explain what `search_catalog` would ask for a search, without searching.
///
/// Returns how the text is understood, which phrases became filters, and the query that would be sent to which indices.
/// Use it when a search finds too much or nothing. Without a `bucket` the registry is asked which buckets you may see.
#[scoped_tool(read_only, idempotent, open_world, title = "Explain a search")]
pub async fn search_explain(
    service: &SearchService<'_>,
    /// The search, as it would be given to `search_catalog`.
    query: SearchText,
    /// In what would be searched.
    #[default(SearchScope::Global)]
    scope: SearchScope,
    /// The bucket; empty for all.
    #[default(String::new())]
    bucket: String,
) -> Result<SearchExplanation, ToolError> {
    let bucket = self::bucket(&bucket)?;
    let buckets = match &bucket {
        None if !service.has_registry() => None,
        named => Some(service.buckets(named.as_ref()).await?),
    };
    explanation(query, scope, bucket, buckets.as_deref())
}

/// The same once it is known, or known that it cannot be known, which buckets are searched.
fn explanation(
    query: SearchText,
    scope: SearchScope,
    bucket: Option<BucketName>,
    buckets: Option<&[BucketName]>,
) -> Result<SearchExplanation, ToolError> {
    let question = Question::read(&query);
    let indices = Indices::of(scope, buckets.unwrap_or_default());
    let order = question.order.unwrap_or_default();
    let request = SearchRequest::new(&question, scope, indices, order, Page { offset: 0, limit: 50 });
    let Value::Object(request_body) = request.body else {
        return Err(ToolError::internal("a query is an object"));
    };
    Ok(SearchExplanation {
        success: true,
        optimization_suggestions: suggestions(&question, scope, bucket.as_ref()),
        analysis: QueryAnalysis::from(&question),
        query,
        scope,
        backends_selected: vec!["elasticsearch".to_owned()],
        indices: buckets.map(|_| request.indices.names().to_vec()),
        bucket,
        request_body,
    })
}

fn suggestions(question: &Question, scope: SearchScope, bucket: Option<&BucketName>) -> Vec<String> {
    let mut suggestions = Vec::new();
    if bucket.is_none() {
        suggestions.push("name a `bucket`, if you know which: fewer indices answer faster".to_owned());
    }
    if let Some(better) = question.better_scope(scope) {
        let name = serde_json::to_value(better).unwrap_or_default();
        suggestions.push(format!("it seems to be about packages: try the scope {name}"));
    }
    if question.terms.iter().any(|term| !term.phrase && term.text.starts_with(['*', '?'])) {
        suggestions.push("a wildcard at the beginning of a word is slow: begin with letters".to_owned());
    }
    if question.terms.len() > 5 {
        suggestions.push("every word must be found: leave out those that need not be".to_owned());
    }
    if question.terms.is_empty() && question.recognised.is_empty() {
        suggestions.push("nothing in it can be found: give at least one word".to_owned());
    }
    suggestions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(text: &str, scope: SearchScope, buckets: Option<&[BucketName]>) -> SearchExplanation {
        let text = SearchText::try_from(text.to_owned()).expect("a search");
        let named = buckets.and_then(<[_]>::first).cloned();
        explanation(text, scope, named, buckets).expect("an explanation")
    }

    #[test]
    fn what_is_explained_is_what_is_understood() {
        let bucket = ["my-bucket".parse().expect("a name")];
        let of_packages = explained("packages about sleep with csv files", SearchScope::File, Some(&bucket));
        assert_eq!(of_packages.indices.as_deref(), Some(&["my-bucket".to_owned()][..]));
        assert_eq!(of_packages.analysis.filters_applied, ["csv files"]);
        assert!(of_packages.optimization_suggestions[0].contains("\"package\""), "{of_packages:?}");
        let everywhere = explained("*x", SearchScope::Global, None);
        assert_eq!((everywhere.indices, everywhere.optimization_suggestions.len()), (None, 2));
    }
}
