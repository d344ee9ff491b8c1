//! How manifests are read, and how much is said of what is in them.

use quilt_tests::Result;
use serde_json::json;

use super::{after_damage, ask, keys};
use crate::stage::Stage;

/// Something else than quilt3 wrote it. quilt3 puts it in order as it reads it.
#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_whose_entries_are_not_in_order_is_put_in_order() -> Result<()> {
    let stage = Stage::of_two_with_packages().await?;
    let wrong_way_round = |text: String| {
        let (header, entries) = text.split_once('\n').expect("a header");
        let lines: Vec<&str> = std::iter::once(header).chain(entries.lines().rev()).collect();
        assert!(lines.len() > 2, "{text}");
        lines.join("\n") + "\n"
    };
    let browsed = after_damage(&stage, wrong_way_round, "package_browse").await?;
    assert_eq!(
        keys(&browsed.structured["entries"]),
        ["notes/note-1.txt", "notes/note-2.txt"],
        "{}",
        browsed.everything()
    );
    let verified = after_damage(&stage, wrong_way_round, "package_verify").await?;
    assert_eq!(verified.structured["verified"], true, "{}", verified.everything());
    // In order, but the same file twice.
    let twice = |text: String| {
        let last = text.lines().last().expect("an entry").to_owned();
        text + &last + "\n"
    };
    let refused = after_damage(&stage, twice, "package_browse").await?;
    assert_eq!(refused.error_code(), Some("invalid_state"), "{}", refused.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_said_of_a_file_than_was_asked_for() -> Result<()> {
    let stage = Stage::of_two_with_packages().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    for wanted in [true, false] {
        let arguments = json!({
            "package_name": ada.package().name, "registry": ada.bucket, "include_file_info": wanted,
        });
        let answer = ask(&client, "package_browse", arguments).await?;
        let entries = answer.structured["entries"].as_array().ok_or("a list")?;
        assert_eq!(entries.len(), 2, "{}", answer.everything());
        for entry in entries {
            for told in ["hash", "hash_type", "file_type"] {
                assert_eq!(entry.get(told).is_some(), wanted, "{told}: {entry}");
            }
            // Where it is and how large is said in any case.
            assert!(entry["size"].is_u64() && entry["physical_key"].is_string(), "{entry}");
        }
    }
    Ok(())
}
