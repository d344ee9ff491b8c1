//! What quilt3 wrote of an entry, and a push of ours does not name, stays as it is, byte for byte.

use std::collections::BTreeMap;

use quilt_tests::Result;
use serde_json::{Value, json};

use super::{NAME, adding, ask};
use crate::stage::Stage;

/// The lines of a manifest's entries as quilt3 reads them, by logical key.
fn entries(told: &Value) -> Result<BTreeMap<String, Value>> {
    let manifest = told["manifest"].as_str().ok_or("a manifest")?;
    let read = |line: &str| -> Result<(String, Value)> {
        let entry: Value = serde_json::from_str(line)?;
        Ok((entry["logical_key"].as_str().ok_or("a key")?.to_owned(), entry))
    };
    manifest.lines().skip(1).map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_keeps_metadata_and_hashes_of_entries_that_quilt3_wrote() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client, substrate) = (stage.person("ada"), stage.client("ada").await?, stage.world.substrate);
    let registry = format!("s3://{}", ada.bucket);
    let meta = json!({"n": 1.0, "\u{fc}": [null, 1e100, {"deep": true}], "text": "a \"b\""});
    let note = |number: usize| format!("s3://{}/notes/note-{number}.txt", ada.bucket);
    let push = json!({
        "do": "push", "registry": registry, "name": NAME, "message": null, "user_meta": {"owner": "ada"},
        "second": 1_700_000_000, "entries": {"a/kept.txt": note(0), "b.txt": note(2)},
        "metas": {"a/kept.txt": meta},
    });
    let browse = json!({"do": "browse", "registry": registry, "name": NAME});
    let (pushed, seen) = tokio::task::spawn_blocking(move || {
        let pushed = substrate.quilt3(&push)?;
        Ok::<_, quilt_tests::Trouble>((pushed, substrate.quilt3(&browse)?))
    })
    .await??;
    assert_eq!(pushed["top_hash"], seen["top_hash"]);
    let before = entries(&seen)?;
    assert_eq!(before["a/kept.txt"]["meta"]["user_meta"], meta, "quilt3 wrote what it was given: {seen}");

    let updated = ask(&client, "package_update", adding(ada, 1)).await?;
    let browse = json!({"do": "browse", "registry": registry, "name": NAME});
    let seen = tokio::task::spawn_blocking(move || substrate.quilt3(&browse)).await??;
    assert_eq!(updated.structured["top_hash"], seen["top_hash"]);
    let mut after = entries(&seen)?;
    assert!(after.remove("note-1.txt").is_some(), "{seen}");
    assert_eq!(after, before);
    Ok(())
}
