//! Who the caller is, and what the server keeps.

use quilt_tests::Result;
use quilt_tests::client::Answer;
use serde_json::json;

use super::{Case, Other, Turn, Verdict, keeps_to_its_caller, nothing, refuses_bad_tokens, require};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "auth_status",
        before: nothing,
        ask: |_| json!({}),
        own: |turn, answer| {
            let everything = answer.everything();
            require(
                everything.contains(&turn.asker.tenant) && everything.contains(&turn.asker.subject),
                "not the asker",
                answer,
            )
        },
        other: Other::OwnAnswer(names_nobody_else),
    },
    Case {
        tool: "filesystem_status",
        before: nothing,
        ask: |_| json!({}),
        own: names_no_path,
        other: Other::OwnAnswer(names_no_path),
    },
];

fn names_nobody_else(turn: &Turn<'_>, answer: &Answer) -> Verdict {
    let everything = answer.everything();
    let named =
        [&turn.owner.subject, &turn.owner.role_arn].into_iter().any(|of_owner| everything.contains(of_owner));
    require(!named, "another caller is named", answer)
}

/// Where the server keeps its files is no caller's business. Tests keep theirs under the system's temporary directory.
fn names_no_path(_: &Turn<'_>, answer: &Answer) -> Verdict {
    let temporary = std::env::temp_dir();
    let paths = [temporary.to_string_lossy(), "/home".into(), "/root".into(), "quilt-mcp-test-".into()];
    let everything = answer.everything();
    require(
        !paths.iter().any(|path| everything.contains(path.as_ref())),
        "a path of the host is named",
        answer,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_shows_a_secret() -> Result<()> {
    let stage = Stage::of_two().await?;
    let token = stage.token("ada");
    let answer = stage.client("ada").await?.call("auth_status", json!({})).await?;
    for secret in [stage.world.mint.secret(), &stage.world.server_key.secret_access_key, &token] {
        assert!(!answer.everything().contains(secret));
        assert!(!stage.server.log.text().contains(secret));
    }
    Ok(())
}
