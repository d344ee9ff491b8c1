//! Objects and buckets.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use quilt_tests::Result;
use quilt_tests::client::Answer;
use quilt_tests::world::{ServerRights, Wanted};
use serde_json::{Value, json};

use super::{
    Case, Other, Turn, Verdict, anything, keeps_to_its_caller, nothing, refuses_bad_tokens, require,
};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "bucket_list",
        before: nothing,
        ask: |_| json!({}),
        own: names_the_bucket,
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "bucket_objects_list",
        before: nothing,
        ask: |turn| json!({"bucket": turn.owner.bucket, "prefix": "notes/"}),
        own: |turn, answer| {
            let objects = answer.structured["objects"].as_array().map_or(0, Vec::len);
            require(
                objects == 3 && answer.everything().contains(&turn.owner.first_uri()),
                "not the three notes",
                answer,
            )
        },
        other: Other::Refused,
    },
    Case {
        tool: "bucket_object_info",
        before: nothing,
        ask: first_object,
        own: is_the_object,
        other: Other::Refused,
    },
    Case {
        tool: "bucket_object_text",
        before: nothing,
        ask: first_object,
        own: |turn, answer| {
            let text = answer.structured["text"].as_str().unwrap_or_default();
            require(text.contains(&turn.owner.canary), "not the text of the owner", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "bucket_object_fetch",
        before: nothing,
        ask: first_object,
        own: |turn, answer| {
            let data = answer.structured["data"].as_str().unwrap_or_default();
            let bytes = BASE64_STANDARD.decode(data).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            require(text.contains(&turn.owner.canary), "not the bytes of the owner", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "bucket_objects_put",
        before: nothing,
        ask: |turn| {
            let item = json!({"key": format!("put/{}-{}.txt", turn.round, turn.asker.name()), "text": turn.asker.canary});
            json!({"bucket": turn.owner.bucket, "items": [item]})
        },
        own: |_, answer| require(answer.structured["uploaded"] == 1, "not uploaded", answer),
        other: Other::Refused,
    },
    Case {
        tool: "bucket_object_link",
        before: nothing,
        ask: first_object,
        own: |_, answer| require(answer.structured["signed_url"].is_string(), "no link", answer),
        // Signing asks nobody. Every link is tried out by the scenario, and must be no better than its caller.
        other: Other::OwnAnswer(anything),
    },
];

fn first_object(turn: &Turn<'_>) -> Value {
    json!({"s3_uri": turn.owner.first_uri()})
}

fn is_the_object(turn: &Turn<'_>, answer: &Answer) -> Verdict {
    let object = &answer.structured["object"];
    require(
        object["bucket"] == turn.owner.bucket && object["key"] == turn.owner.first_key(),
        "not the object",
        answer,
    )
}

fn names_the_bucket(turn: &Turn<'_>, answer: &Answer) -> Verdict {
    let names = answer.structured["buckets"].as_array().into_iter().flatten().map(|bucket| &bucket["name"]);
    require(names.into_iter().any(|name| name == &turn.owner.bucket), "one's own bucket is missing", answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn bucket_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn bucket_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_list_the_account_gets_no_list_from_the_server_either() -> Result<()> {
    let people = [Wanted::new("acme", "ada"), Wanted::new("acme", "dan").who_does_not_see_the_account()];
    let stage = Stage::of(people, ServerRights::Everything).await?;
    let answer = stage.client("dan").await?.call("bucket_list", json!({})).await?;
    assert_eq!(answer.error_code(), Some("access_denied"), "{}", answer.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_can_be_read_back_and_only_by_its_owner() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, ben) = (stage.client("ada").await?, stage.client("ben").await?);
    let bucket = &stage.person("ada").bucket;
    let item = json!({"key": "put/ä b+c.txt", "text": "written by ada", "content_type": "text/plain"});
    let put = ada.call("bucket_objects_put", json!({"bucket": bucket, "items": [item]})).await?;
    assert_eq!(put.structured["uploaded"], 1, "{}", put.everything());

    let uri = json!({"s3_uri": format!("s3://{bucket}/put/ä b%2Bc.txt")});
    let read = ada.call("bucket_object_text", uri.clone()).await?;
    assert_eq!(read.structured["text"], "written by ada", "{}", read.everything());
    assert_eq!(ben.call("bucket_object_text", uri).await?.error_code(), Some("access_denied"));
    Ok(())
}
