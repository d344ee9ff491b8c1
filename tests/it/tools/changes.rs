//! Changes of packages.

use serde_json::{Value, json};

use super::{Case, Other, Turn, keeps_to_its_caller, nothing, refuses_bad_tokens, require};

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "package_create",
        before: nothing,
        ask: |turn| create(turn, "created"),
        own: |turn, answer| {
            let body = &answer.structured;
            let hash = body["top_hash"].as_str().is_some_and(|hash| hash.len() == 64);
            let copied = format!("s3://{}/{}/note-0.txt", turn.owner.bucket, name(turn, "created"));
            let file = &body["files"][0];
            let right = body["action"] == "created"
                && hash
                && file["transfer"] == "copy"
                && file["physical_key"].as_str().is_some_and(|key| key.starts_with(&copied));
            require(right, "not created", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "package_update",
        before: |turn| vec![("package_create", create(turn, "updated"))],
        ask: |turn| {
            json!({
                "package_name": name(turn, "updated"),
                "registry": turn.owner.bucket,
                "s3_uris": [format!("s3://{}/notes/note-1.txt", turn.owner.bucket)],
            })
        },
        own: |_, answer| {
            let body = &answer.structured;
            let right = body["action"] == "updated" && body["total_entries"] == 2;
            require(right, "not updated", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "package_create_from_s3",
        before: nothing,
        ask: |turn| {
            json!({
                "package_name": name(turn, "folder"),
                "source_bucket": turn.owner.bucket,
                "source_prefix": "notes/",
            })
        },
        own: |_, answer| {
            let body = &answer.structured;
            let right = body["action"] == "created"
                && body["total_entries"] == 5
                && body["summary_files"] == json!(["README.md", "quilt_summarize.json"]);
            require(right, "not created of the folder", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "package_rollback",
        before: nothing,
        ask: |turn| {
            let package = turn.owner.package();
            json!({"package_name": package.name, "registry": turn.owner.bucket, "top_hash": package.latest})
        },
        own: |turn, answer| {
            let right = answer.structured["top_hash"] == turn.owner.package().latest;
            require(right, "not at the revision", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "package_delete",
        before: |turn| vec![("package_create", create(turn, "deleted"))],
        ask: |turn| json!({"package_name": name(turn, "deleted"), "registry": turn.owner.bucket}),
        own: |_, answer| {
            let body = &answer.structured;
            let right = body["action"] == "deleted" && body["removed_count"] == 2;
            require(right, "not deleted", answer)
        },
        other: Other::Refused,
    },
];

fn name(turn: &Turn<'_>, what: &str) -> String {
    format!("made/{}", turn.named(what))
}

fn create(turn: &Turn<'_>, what: &str) -> Value {
    json!({
        "package_name": name(turn, what),
        "registry": turn.owner.bucket,
        "s3_uris": [turn.owner.first_uri()],
        "message": turn.named(what),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_tools_keep_to_their_caller() -> quilt_tests::Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_tools_refuse_bad_tokens() -> quilt_tests::Result<()> {
    refuses_bad_tokens(CASES).await
}
