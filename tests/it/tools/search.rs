//! Searches, and what they mean.

use quilt_tests::Result;
use quilt_tests::client::Answer;
use serde_json::json;

use super::{Case, Other, Turn, Verdict, keeps_to_its_caller, nothing, refuses_bad_tokens, require};

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "search_catalog",
        before: nothing,
        ask: |turn| json!({"query": turn.owner.first_key(), "bucket": turn.owner.bucket}),
        own: |turn, answer| {
            let first = &answer.structured["results"][0];
            let own = first["s3_uri"] == turn.owner.first_uri() && answer.structured["total_results"] == 1;
            require(own && answer.everything().contains(&turn.owner.canary), "not the first object", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "search_suggest",
        before: nothing,
        ask: |turn| json!({"partial_query": "sleep files larger th", "context": turn.owner.bucket}),
        own: suggests,
        other: Other::OwnAnswer(suggests),
    },
    Case {
        tool: "search_explain",
        before: nothing,
        ask: |turn| json!({"query": "CSV files larger than 100MB", "bucket": turn.owner.bucket}),
        own: explains,
        other: Other::OwnAnswer(explains),
    },
    Case {
        tool: "search_docs_quilt_bio",
        before: nothing,
        ask: |_| json!({"query": "searching the catalog", "limit": 2}),
        own: finds_pages,
        other: Other::OwnAnswer(finds_pages),
    },
];

fn suggests(_: &Turn<'_>, answer: &Answer) -> Verdict {
    let completed = &answer.structured["suggestions"]["query_completions"];
    require(*completed == json!(["sleep files larger than 100 MB"]), "not how it goes on", answer)
}

/// Nothing is asked: the name of a bucket is what the asker gave, and no more is said of it.
fn explains(turn: &Turn<'_>, answer: &Answer) -> Verdict {
    let (explained, bucket) = (&answer.structured, &turn.owner.bucket);
    require(explained["analysis"]["keywords"] == json!([]), "words of a phrase are searched for", answer)?;
    require(
        explained["indices"] == json!([bucket, format!("{bucket}_packages")]),
        "not the bucket's indices",
        answer,
    )
}

fn finds_pages(_: &Turn<'_>, answer: &Answer) -> Verdict {
    let found = &answer.structured;
    require(found["total_matches"] == 2, "not the two current pages of the catalog", answer)?;
    require(
        found["results"][0]["title"] == "Searching",
        "not the page that fits best, with its title",
        answer,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn search_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn search_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}
