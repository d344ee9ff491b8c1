//! What searches mean, and what is sent for them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::bucket::BucketName;

fn question(text: &str) -> Question {
    Question::read(&SearchText::try_from(text.to_owned()).expect("a search"))
}

/// The words that are sent, and the endings that are asked for.
fn words_and_endings(text: &str) -> (Vec<String>, Vec<String>) {
    let question = question(text);
    let words = question.terms.into_iter().map(|term| term.text).collect();
    (words, question.extensions.into_iter().map(String::from).collect())
}

fn request(text: &str, scope: SearchScope, order: SearchOrder) -> SearchRequest {
    let bucket: BucketName = "my-bucket".parse().expect("a name");
    let indices = Indices::of(scope, &[bucket]);
    SearchRequest::new(&question(text), scope, indices, order, Page { offset: 20, limit: 10 })
}

#[test]
fn endings_are_filters_and_not_words() {
    for (text, words, endings) in [
        ("CSV files", &[][..], &["csv"][..]),
        ("find all csv, tsv and JSON data about RNA-seq", &["RNA-seq"], &["csv", "json", "tsv"]),
        ("*.tar.gz results", &["results"], &["tar.gz"]),
        (".xyz files", &[], &["xyz"]),
        ("files with .csv extension", &[], &["csv"]),
        ("json file format", &[], &["json"]),
        ("reports.csv", &["reports.csv"], &[]),
        ("csv", &["csv"], &[]),
        ("sleep data", &["sleep"], &[]),
        ("large files", &["large"], &[]),
        ("\"csv files\"", &["csv files"], &[]),
        ("data", &["data"], &[]),
        ("*", &["*"], &[]),
    ] {
        let (is_words, is_endings) = words_and_endings(text);
        assert_eq!((is_words, is_endings), (owned(words), owned(endings)), "{text}");
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn sizes_are_filters_and_not_words() {
    const MIB: u64 = 1024 * 1024;
    for (text, at_least, at_most) in [
        ("files larger than 100MB", Some(100 * MIB), None),
        ("bigger than 1.5 kb", Some(1536), None),
        ("smaller than 2 GB", None, Some(2048 * MIB)),
        ("over 1 tb and under 2 tib", Some(1024 * 1024 * MIB), Some(2 * 1024 * 1024 * MIB)),
        ("between 1 and 5 MB", Some(MIB), Some(5 * MIB)),
        ("between 2 MB and 1 KB", Some(1024), Some(2 * MIB)),
        ("more than 5 samples", None, None),
        ("larger than 99999999999999 tb", None, None),
    ] {
        let question = question(text);
        assert_eq!(question.size, SizeRange { at_least, at_most }, "{text}");
        let words_with_digits = question.terms.iter().filter(|term| term.text.contains(char::is_numeric));
        assert_eq!(words_with_digits.count() == 0, !question.size.is_unlimited(), "{text}");
    }
    assert_eq!(question("more than 5 samples").terms.len(), 3, "more, 5, samples");
}

#[test]
fn times_are_filters_and_not_words() {
    for (text, from, before) in [
        ("last 30 days", Some("now-30d"), None),
        ("modified in the past 2 weeks", Some("now-2w"), None),
        ("from the last month", Some("now-1M"), None),
        ("created in 2024", Some("2024-01-01"), Some("2025-01-01")),
        ("updated in 2024-02", Some("2024-02-01"), Some("2024-03-01")),
        ("since 2024-05-17", Some("2024-05-17"), None),
        ("after 2023-12-31", Some("2024-01-01"), None),
        ("before 2024 since 2020", Some("2020-01-01"), Some("2024-01-01")),
        ("in 2024", None, None),
        ("since 2024-02-30", None, None),
        ("last days", Some("now-1d"), None),
        ("last 0 days", None, None),
        ("since yesterday", None, None),
    ] {
        let changed = question(text).changed;
        assert_eq!((changed.from.as_deref(), changed.before.as_deref()), (from, before), "{text}");
    }
    assert_eq!(question("RNA created in 2024").terms.len(), 1);
}

#[test]
fn what_comes_first_can_be_said() {
    for (text, order) in [
        ("largest csv files", Some(SearchOrder::Largest)),
        ("most recent packages", Some(SearchOrder::Newest)),
        ("latest release notes", None),
    ] {
        assert_eq!(question(text).order, order, "{text}");
    }
}

#[test]
fn the_documented_example_asks_for_no_words_at_all() {
    let body = request("CSV files larger than 100MB", SearchScope::File, SearchOrder::Relevance).body;
    let query = &body["query"]["bool"];
    assert_eq!(query["must"], json!([]));
    let filters = query["filter"].to_string();
    assert!(filters.contains(r#"{"terms":{"ext":["csv",".csv"]}}"#), "{filters}");
    assert!(filters.contains(r#"{"range":{"size":{"gte":104857600}}}"#), "{filters}");
    assert_eq!(
        (&body["from"], &body["size"], &body["track_total_hits"]),
        (&json!(20), &json!(10), &json!(true))
    );
}

#[test]
fn a_scope_finds_its_kinds_and_no_other() {
    let fields = |scope| {
        let body = request("x", scope, SearchOrder::Newest).body.to_string();
        ["\"key\"", "\"entry_lk\"", "\"ptr_name\""]
            .map(|field| body.contains(&format!("{{\"field\":{field}}}")))
    };
    assert_eq!(fields(SearchScope::File), [true, false, false]);
    assert_eq!(fields(SearchScope::PackageEntry), [false, true, false]);
    assert_eq!(fields(SearchScope::Package), [false, false, true]);
    assert_eq!(fields(SearchScope::Global), [true, true, true]);
}

#[test]
fn a_count_wants_no_hits() {
    let indices = Indices::of(SearchScope::File, &["abc".parse().expect("a name")]);
    let body =
        SearchRequest::new(&question("x"), SearchScope::File, indices, SearchOrder::Newest, Page::COUNT).body;
    assert_eq!((&body["size"], body.get("sort")), (&json!(0), None));
}

#[test]
fn too_much_is_refused() {
    for text in ["", "  ", &"x".repeat(1001), &"x ".repeat(33), "* * * * * * * * *", "a\u{0}b"] {
        assert!(SearchText::try_from(text.to_owned()).is_err(), "{text:?}");
    }
}

const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn hits_are_what_their_fields_say() {
    let bucket: BucketName = "my-bucket".parse().expect("a name");
    let indices = Indices::of(SearchScope::Global, &[bucket]);
    let answer = json!({"hits": {"total": {"value": 12, "relation": "eq"}, "hits": [
        {"_index": "my-bucket", "_id": "1", "_score": 1.5,
         "_source": {"key": "a b/c.CSV", "size": 7, "version_id": "null", "last_modified": "2024-01-01T00:00:00Z"}},
        {"_index": "my-bucket-reindex-v2", "_id": "2", "_score": null, "_source": {"key": "d", "version_id": "v1"}},
        {"_index": "my-bucket_packages", "_id": "3", "_source": {"ptr_name": "team/data", "ptr_tag": "latest"}},
        {"_index": "my-bucket_packages", "_id": format!("entry:{HASH}:77"),
         "_source": {"entry_lk": "x/y.json", "entry_pk": "s3://other/k?versionId=v", "entry_size": 9}},
        {"_index": "my-bucket_packages", "_id": "5",
         "_source": {"entry_lk": "x/y.json", "entry_pk": format!("team/data@{HASH}")}},
        {"_index": "anothers-bucket", "_id": "6", "_source": {"key": "secret"}},
        {"_index": "my-bucket", "_id": "7", "_source": {"was_packaged": true}},
    ]}});
    let found = Found::read(answer, &indices, false).expect("an answer");
    assert_eq!((found.total, found.exact, found.unreadable), (12, true, 2));
    let uris: Vec<_> = found.hits.iter().map(|hit| hit.s3_uri.as_ref().map(ToString::to_string)).collect();
    assert_eq!(
        uris,
        [
            Some("s3://my-bucket/a b/c.CSV".to_owned()),
            Some("s3://my-bucket/d?versionId=v1".to_owned()),
            None,
            Some("s3://other/k?versionId=v".to_owned()),
            None,
        ]
    );
    assert_eq!(found.hits[0].extension.as_ref().map(Extension::as_str), Some("csv"));
    assert_eq!(found.hits[2].quilt_uri.as_deref(), Some("quilt+s3://my-bucket#package=team/data"));
    assert_eq!(found.hits[3].top_hash.as_deref(), Some(HASH));
    let entry = format!("quilt+s3://my-bucket#package=team/data@{HASH}&path=x/y.json");
    assert_eq!(found.hits[4].quilt_uri.as_deref(), Some(entry.as_str()));
    let old = json!({"hits": {"total": 3, "hits": []}});
    assert_eq!(Found::read(old, &indices, false).map(|found| found.total), Some(3));
    for garbled in [json!(null), json!([]), json!({}), json!({"hits": {}}), json!({"error": "x"})] {
        assert_eq!(Found::read(garbled, &indices, false), None);
    }
}

/// All texts of a JSON value.
fn query_strings(value: &Value) -> Vec<String> {
    match value {
        Value::Object(object) => object
            .iter()
            .flat_map(|(name, value)| match (name.as_str(), &value["query"]) {
                ("query_string", Value::String(text)) => vec![text.clone()],
                _ => query_strings(value),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(query_strings).collect(),
        _ => Vec::new(),
    }
}

/// Whether a text holds nothing that the index takes for more than words, `*`, `?`, phrases, and `AND` between them.
fn is_plain(text: &str) -> bool {
    let mut in_phrase = false;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' if characters.next().is_none() => return false,
            '\\' => {}
            '"' => in_phrase = !in_phrase,
            c if r"+-=!(){}[]^~:/&|<>".contains(c) => return false,
            _ => {}
        }
    }
    let terms: Vec<&str> = text.split(" AND ").collect();
    !in_phrase && !terms.iter().any(|term| matches!(*term, "AND" | "OR" | "NOT" | ""))
}

proptest! {
    #[test]
    fn any_text_becomes_a_bounded_request_that_is_only_words(text in "\\PC{0,1100}") {
        if let Ok(text) = SearchText::try_from(text) {
            let question = Question::read(&text);
            prop_assert!(question.terms.len() <= 32);
            for scope in [SearchScope::File, SearchScope::Global, SearchScope::Package] {
                let indices = Indices::of(scope, &["abc".parse().expect("a name")]);
                let page = Page { offset: 0, limit: 10 };
                let body = SearchRequest::new(&question, scope, indices, SearchOrder::Relevance, page).body;
                prop_assert!(body.to_string().len() <= 24 * 1024);
                for sent in query_strings(&body) {
                    prop_assert!(is_plain(&sent), "{sent}");
                }
            }
        }
    }

    #[test]
    fn phrases_in_any_order_never_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "csv", "*.tsv", ".json", "files", "data", "and", "larger", "than", "between", "1", "5MB", "mb", "in",
            "the", "last", "7", "days", "created", "2024", "since", "2024-02-30", "\"", "'", "newest", "with", ",",
            "most", "recent", "extension", "9999999999", "é", "-", ">",
        ]), 0..24)
    ) {
        if let Ok(text) = SearchText::try_from(words.join(" ")) {
            let question = Question::read(&text);
            prop_assert!(question.recognised.iter().all(|phrase| !phrase.is_empty()));
        }
    }
}
