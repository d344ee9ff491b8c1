//! What the caller may do.

use quilt_tests::Result;
use quilt_tests::client::Answer;
use quilt_tests::world::{ServerRights, Wanted};
use serde_json::{Value, json};

use super::{Case, Other, Turn, Verdict, keeps_to_its_caller, nothing, refuses_bad_tokens, require};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "discover_permissions",
        before: nothing,
        ask: |turn| json!({"check_buckets": [turn.owner.bucket]}),
        own: |turn, answer| {
            let found = of_bucket(turn, answer).ok_or("the bucket is not in the answer")?;
            require(
                ["can_read", "can_write", "can_list"].iter().all(|right| is_yes(&found[*right])),
                "not all rights",
                answer,
            )
        },
        other: Other::OwnAnswer(|turn, answer| {
            let granted = of_bucket(turn, answer)
                .is_some_and(|found| RIGHTS.iter().any(|right| is_yes(&found[*right])));
            require(!granted, "rights that only the owner has", answer)
        }),
    },
    Case {
        tool: "check_bucket_access",
        before: nothing,
        ask: |turn| json!({"bucket": turn.owner.bucket}),
        own: |_, answer| {
            let summary = &answer.structured["access_summary"];
            require(RIGHTS.iter().all(|right| is_yes(&summary[*right])), "not all rights", answer)
        },
        other: Other::OwnAnswer(|_, answer| {
            let summary = &answer.structured["access_summary"];
            require(
                !RIGHTS.iter().any(|right| is_yes(&summary[*right])),
                "rights that only the owner has",
                answer,
            )
        }),
    },
    Case {
        tool: "bucket_recommendations_get",
        before: nothing,
        ask: |_| json!({}),
        own: |turn, answer| {
            require(answer.everything().contains(&turn.owner.bucket), "one's own bucket is missing", answer)
        },
        other: Other::OwnAnswer(|turn, answer| {
            require(
                !answer.everything().contains(&turn.owner.bucket),
                "the bucket of another is recommended",
                answer,
            )
        }),
    },
];

const RIGHTS: [&str; 3] = ["can_read", "can_write", "can_list"];

fn of_bucket<'a>(turn: &Turn<'_>, answer: &'a Answer) -> Option<&'a Value> {
    answer.structured["bucket_permissions"]
        .as_array()?
        .iter()
        .find(|found| found["name"] == turn.owner.bucket)
}

/// A right has three values; only one of them is a yes.
fn is_yes(right: &Value) -> bool {
    right == true || right == "yes"
}

#[tokio::test(flavor = "multi_thread")]
async fn permission_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn permission_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}

fn rights(answer: &Answer) -> Verdict {
    let summary = &answer.structured["access_summary"];
    let as_wanted =
        is_yes(&summary["can_list"]) && !is_yes(&summary["can_read"]) && !is_yes(&summary["can_write"]);
    require(as_wanted, "list, and neither read nor write", answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_list_and_not_read_is_told_just_that() -> Result<()> {
    let people = [Wanted::new("acme", "ada"), Wanted::new("acme", "cleo").who_lists("ada")];
    let stage = Stage::of(people, ServerRights::Everything).await?;
    let bucket = json!({"bucket": stage.person("ada").bucket});
    // Ada first: what was found for her must not be found for cleo.
    stage.client("ada").await?.call("check_bucket_access", bucket.clone()).await?;
    let answer = stage.client("cleo").await?.call("check_bucket_access", bucket).await?;
    rights(&answer)?;
    Ok(())
}
