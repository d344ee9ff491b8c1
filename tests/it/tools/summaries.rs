//! Summing up and drawing what a caller gives.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use quilt_tests::Result;
use quilt_tests::client::Answer;
use serde_json::{Value, json};

use super::{
    Case, Other, Turn, Verdict, anything, keeps_to_its_caller, nothing, refuses_bad_tokens, require,
};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "generate_quilt_summarize_json",
        before: nothing,
        ask: package,
        own: |turn, answer| {
            let named = answer.structured["source"]["bucket"] == turn.owner.bucket;
            let counted = answer.structured["data_summary"]["total_files"] == 2;
            require(named && counted, "not the package that was given", answer)
        },
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "generate_package_visualizations",
        before: nothing,
        ask: |turn| {
            let mut ask = package(turn);
            ask["file_types"] = json!({"csv": 1, "md": {"count": 1}});
            for not_taken in ["readme_content", "source_info"] {
                ask.as_object_mut().expect("an object").remove(not_taken);
            }
            ask
        },
        own: |_, answer| {
            require(is_drawn(&answer.structured["visualizations"]["package_dashboard"]), "no picture", answer)
        },
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "create_quilt_summary_files",
        before: nothing,
        ask: package,
        own: |turn, answer| {
            let files = &answer.structured["summary_package"];
            let kept = files["README.md"].as_str().is_some_and(|text| text.contains(&turn.asker.canary));
            require(kept && files["quilt_summarize.json"][0]["path"] == "README.md", "not the README", answer)
        },
        other: Other::OwnAnswer(anything),
    },
];

/// A package of files in the owner's bucket, described by who asks.
fn package(turn: &Turn<'_>) -> Value {
    json!({
        "package_name": "team/data",
        "package_metadata": {"description": "Notes"},
        "organized_structure": {
            "data": [{"Key": "in/a.csv", "Size": 10, "ETag": "x"}],
            "docs": [{"Key": "in/b.md", "Size": 1}],
        },
        "readme_content": format!("# Notes\n{}", turn.asker.canary),
        "source_info": {"type": "s3_bucket", "bucket": turn.owner.bucket},
    })
}

fn is_drawn(picture: &Value) -> bool {
    let encoded = picture["image_base64"].as_str().unwrap_or_default();
    let svg = BASE64_STANDARD.decode(encoded).unwrap_or_default();
    picture["mime_type"] == "image/svg+xml" && String::from_utf8_lossy(&svg).trim_end().ends_with("</svg>")
}

#[tokio::test(flavor = "multi_thread")]
async fn summary_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn summary_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_asks_nobody() -> Result<()> {
    let stage = Stage::of_two().await?;
    let ada = stage.person("ada");
    let turn = Turn { asker: ada, owner: ada, round: "pure" };
    let client = stage.client("ada").await?;
    let mark = stage.world.substrate.mark().await?;
    for case in CASES {
        let answer: Answer = client.call(case.tool, (case.ask)(&turn)).await?;
        let well: Verdict = (case.own)(&turn, &answer);
        assert_eq!(well, Ok(()));
    }
    let entries = stage.world.substrate.since(mark).await?;
    let mine: Vec<_> = entries.iter().filter(|entry| stage.world.owns(entry)).collect();
    assert!(mine.is_empty(), "{mine:#?}");
    Ok(())
}
