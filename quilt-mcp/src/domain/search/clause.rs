//! A question in the index's language (Elasticsearch query DSL).
//!
//! What was typed only ever becomes the text of a `query_string`, with everything escaped that has a meaning there but `*`
//! and `?`. All else is built from checked values.

use serde_json::{Map, Value, json};

use super::hit::HitKind;
use super::question::{Question, SizeRange, Term};

/// What documents of `kind` must be like.
pub(super) fn of_kind(kind: HitKind, question: &Question) -> Value {
    match kind {
        HitKind::File => file(question),
        HitKind::PackageEntry => entry(question),
        HitKind::Package => package(question),
    }
}

fn file(question: &Question) -> Value {
    let mut filters = vec![exists("key")];
    if !question.extensions.is_empty() {
        // The indexer writes the dot; others did not.
        let either: Vec<String> = question
            .extensions
            .iter()
            .flat_map(|extension| [extension.as_str().to_owned(), format!(".{}", extension.as_str())])
            .collect();
        let compound = question.extensions.iter().filter(|extension| extension.as_str().contains('.'));
        let named = compound.map(|extension| ends_with("key", extension.as_str()));
        let alternatives: Vec<Value> =
            std::iter::once(json!({"terms": {"ext": either}})).chain(named).collect();
        filters.push(any(&alternatives));
    }
    filters.extend(size("size", question.size));
    filters.extend(changed("last_modified", question));
    json!({"bool": {
        "must": words(&question.terms),
        "filter": filters,
        "must_not": [{"term": {"delete_marker": true}}],
    }})
}

fn entry(question: &Question) -> Value {
    let mut filters = vec![exists("entry_lk")];
    filters.extend(about_entry(question));
    if !question.changed.is_unlimited() {
        // An entry has no time of its own: its revision has.
        filters.extend(changed("mnfst_last_modified", question).as_ref().map(of_revision));
    }
    json!({"bool": {"must": words(&question.terms), "filter": filters}})
}

/// Packages, by their newest pointer, so that each is there once.
fn package(question: &Question) -> Value {
    let mut filters = vec![exists("ptr_name"), json!({"match": {"ptr_tag": "latest"}})];
    filters.extend(changed("ptr_last_modified", question));
    let of_entry = about_entry(question);
    if !of_entry.is_empty() {
        let has_entry = json!({"has_child": {
            "type": "entry",
            "query": {"bool": {"filter": of_entry}},
            "ignore_unmapped": true,
        }});
        filters.push(of_revision(&has_entry));
    }
    // The name is the pointer's, message and metadata are the revision's.
    let sought = question.terms.iter().map(|term| {
        let word = query_string(&in_query(term));
        let in_revision = json!({"has_parent": {
            "parent_type": "mnfst",
            "query": word,
            "score": true,
            "ignore_unmapped": true,
        }});
        any(&[word, in_revision])
    });
    json!({"bool": {"must": sought.collect::<Vec<_>>(), "filter": filters}})
}

fn about_entry(question: &Question) -> Vec<Value> {
    let mut filters = Vec::new();
    if !question.extensions.is_empty() {
        let endings = question.extensions.iter().map(|extension| ends_with("entry_lk", extension.as_str()));
        filters.push(any(&endings.collect::<Vec<_>>()));
    }
    filters.extend(size("entry_size", question.size));
    filters
}

fn exists(field: &str) -> Value {
    json!({"exists": {"field": field}})
}

/// An extension holds letters, digits and dots only: nothing with a meaning in a pattern.
fn ends_with(field: &str, extension: &str) -> Value {
    any(&[
        json!({"wildcard": {field: {"value": format!("*.{extension}")}}}),
        json!({"wildcard": {format!("{field}.keyword"): {"value": format!("*.{extension}")}}}),
    ])
}

fn any(of: &[Value]) -> Value {
    json!({"bool": {"should": of, "minimum_should_match": 1}})
}

fn of_revision(query: &Value) -> Value {
    json!({"has_parent": {"parent_type": "mnfst", "query": query, "ignore_unmapped": true}})
}

fn size(field: &str, size: SizeRange) -> Option<Value> {
    let limits = [("gte", size.at_least), ("lte", size.at_most)];
    range(field, limits.into_iter().filter_map(|(limit, value)| Some((limit, json!(value?)))))
}

fn changed(field: &str, question: &Question) -> Option<Value> {
    let limits = [("gte", &question.changed.from), ("lt", &question.changed.before)];
    range(field, limits.into_iter().filter_map(|(limit, value)| Some((limit, json!(value.as_ref()?)))))
}

fn range<'a>(field: &str, limits: impl Iterator<Item = (&'a str, Value)>) -> Option<Value> {
    let limits: Map<String, Value> = limits.map(|(limit, value)| (limit.to_owned(), value)).collect();
    (!limits.is_empty()).then(|| json!({"range": {field: limits}}))
}

/// All terms; each may be in a field of its own, one in the name and the next in the content.
fn words(terms: &[Term]) -> Vec<Value> {
    let all: Vec<String> = terms.iter().map(in_query).collect();
    if all.is_empty() { Vec::new() } else { vec![query_string(&all.join(" AND "))] }
}

fn query_string(query: &str) -> Value {
    json!({"query_string": {"query": query, "lenient": true}})
}

fn in_query(term: &Term) -> String {
    if term.phrase { format!("\"{}\"", escaped(&term.text)) } else { escaped(&term.text) }
}

/// Nothing but `*` and `?` keeps its meaning. `<` and `>` cannot be escaped, so they go; the words that are operators are
/// told from others by their capital letters.
fn escaped(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !matches!(c, '<' | '>')).collect();
    // Last of all: what has gone may have hidden an operator.
    let text = match kept.as_str() {
        "AND" | "OR" | "NOT" | "TO" => kept.to_lowercase(),
        _ => kept,
    };
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if r#"\+-=!(){}[]^"~:/&|"#.contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_text_and_no_language() {
        assert_eq!(escaped("a:b/c (d) RNA-seq*"), r"a\:b\/c \(d\) RNA\-seq*");
        assert_eq!(escaped(r#"x" OR ext:"y"#), r#"x\" OR ext\:\"y"#);
        assert_eq!(escaped("<b>"), "b");
        assert_eq!(escaped("NOT"), "not");
        assert_eq!(escaped("NOT<"), "not");
        assert_eq!(escaped(">O<R"), "or");
    }
}
