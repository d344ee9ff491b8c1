//! The golden vectors that are about pointers: registries that the real quilt3 left behind, changed by our tools, and what quilt3
//! made of the same.

use std::collections::BTreeMap;
use std::fs;

use quilt_tests::{Result, workspace};
use serde_json::{Value, json};

use super::{ask, merged, put};
use crate::stage::Stage;

/// What is below `.quilt/`, by key: the hash that a pointer holds, and of a manifest that it is there.
type State = BTreeMap<String, String>;

struct Vector {
    folder: std::path::PathBuf,
    described: Value,
}

impl Vector {
    fn read(name: &str) -> Result<Self> {
        let folder = workspace().join("quilt-package/tests/vectors").join(name);
        let described = serde_json::from_slice(&fs::read(folder.join("vector.json"))?)?;
        Ok(Self { folder, described })
    }

    fn state(&self, name: &str) -> Result<State> {
        let golden = self.described[name]["golden"].as_object().ok_or("a state")?;
        let content = |value: &Value| {
            value.as_str().filter(|text| !text.starts_with('<')).unwrap_or("a manifest").to_owned()
        };
        Ok(golden.iter().map(|(key, value)| (key.clone(), content(value))).collect())
    }

    fn top_hash(&self, label: &str) -> Result<String> {
        let revisions = self.described["revisions"].as_array().ok_or("revisions")?;
        let revision =
            revisions.iter().find(|revision| revision["label"] == label).ok_or("no such revision")?;
        Ok(revision["top_hash"].as_str().ok_or("a hash")?.to_owned())
    }

    /// Makes ada's bucket what quilt3 left.
    async fn place(&self, stage: &Stage, name: &str) -> Result<()> {
        let ada = stage.person("ada");
        for revision in self.described["revisions"].as_array().into_iter().flatten() {
            let (label, hash) = (revision["label"].as_str().ok_or("a label")?, &revision["top_hash"]);
            let key = format!(".quilt/packages/{}", hash.as_str().ok_or("a hash")?);
            if self.described[name]["golden"].get(&key).is_some() {
                let manifest = fs::read(self.folder.join(format!("{label}.manifest.jsonl")))?;
                put(stage, ada, &key, manifest).await?;
            }
        }
        for (key, content) in
            self.state(name)?.into_iter().filter(|(key, _)| key.contains("/named_packages/"))
        {
            put(stage, ada, &key, content.into_bytes()).await?;
        }
        Ok(())
    }
}

/// What is in ada's bucket now.
async fn found(stage: &Stage) -> Result<State> {
    let (s3, bucket) = (stage.world.substrate.s3(), &stage.person("ada").bucket);
    let mut state = State::new();
    for object in s3.list_objects_v2().bucket(bucket).prefix(".quilt/").send().await?.contents() {
        let key = object.key().ok_or("a key")?;
        let content = if key.contains("/named_packages/") {
            let body = s3.get_object().bucket(bucket).key(key).send().await?.body.collect().await?;
            String::from_utf8(body.to_vec())?
        } else {
            "a manifest".to_owned()
        };
        state.insert(key.to_owned(), content);
    }
    Ok(state)
}

/// Vector 25: from state to state, as quilt3 went.
#[tokio::test(flavor = "multi_thread")]
async fn rollback_and_deletion_leave_what_quilt3_leaves() -> Result<()> {
    let vector = Vector::read("25-delete-rollback")?;
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let package = json!({"package_name": "test/del", "registry": ada.bucket});
    vector.place(&stage, "state_0_after_three_pushes").await?;
    assert_eq!(found(&stage).await?, vector.state("state_0_after_three_pushes")?);
    let (first, second) = (vector.top_hash("rev1")?, vector.top_hash("rev2")?);
    for (tool, revision, state) in [
        ("package_rollback", Some(first.as_str()), "state_1_after_rollback_to_rev1"),
        ("package_delete", Some(first.as_str()), "state_2_after_delete_of_rev1_while_latest"),
        ("package_delete", Some(&second[..12]), "state_3_after_delete_of_rev2_by_prefix"),
        ("package_delete", None, "state_4_after_delete_package"),
    ] {
        let which = revision.map_or(json!({}), |hash| json!({"top_hash": hash}));
        ask(&client, tool, merged(package.clone(), which)).await?;
        assert_eq!(found(&stage).await?, vector.state(state)?, "{state}");
    }
    Ok(())
}

/// Vector 27: the same content again, and what quilt3 lost.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_pushed_twice_or_in_one_second_is_read_as_quilt3_left_it() -> Result<()> {
    let vector = Vector::read("27-same-content-again")?;
    let (first, lost, last) = (vector.top_hash("rev1")?, vector.top_hash("rev2")?, vector.top_hash("rev3")?);
    for (state, newest_first) in [
        ("state_0", &[&first][..]),
        ("state_1_pushed_again", &[&first, &first]),
        ("state_2_dedupe", &[&first, &first]),
        ("state_3_same_second", &[&last, &first, &first]),
    ] {
        let stage = Stage::of_two().await?;
        let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
        let package = json!({"package_name": "test/same", "registry": ada.bucket});
        let revision = |hash: &str| merged(package.clone(), json!({"top_hash": hash}));
        vector.place(&stage, state).await?;
        let listed = ask(&client, "package_versions_list", package.clone()).await?;
        let versions = listed.structured["versions"].as_array().ok_or("a list")?;
        let hashes: Vec<&str> = versions.iter().filter_map(|version| version["top_hash"].as_str()).collect();
        assert_eq!(hashes, newest_first, "{state}");
        assert_eq!(listed.structured["latest"], **newest_first[0], "{state}");

        // The same content once more is what quilt3 does if it is told not to push what is there: nothing.
        if *newest_first[0] == first {
            put(&stage, ada, "in/a.txt", b"A\n".to_vec()).await?;
            let again = merged(
                package.clone(),
                json!({
                    "s3_uris": [format!("s3://{}/in/a.txt", ada.bucket)], "message": "m", "force": true, "copy_mode": "none",
                }),
            );
            let pushed = ask(&client, "package_create", again).await?;
            assert_eq!(
                (&pushed.structured["top_hash"], &pushed.structured["action"]),
                (&json!(first), &json!("unchanged")),
                "{state}: {}",
                pushed.everything()
            );
            assert_eq!(found(&stage).await?, vector.state(state)?, "{state}");
        } else {
            // A revision that no pointer names is there for who knows its hash, but is no part of the history.
            let browsed = ask(
                &client,
                "package_browse",
                merged(revision(&lost), json!({"include_signed_urls": false})),
            )
            .await?;
            assert_eq!(browsed.structured["total_entries"], 2, "{}", browsed.everything());
            for tool in ["package_rollback", "package_delete"] {
                let refused = client.call(tool, revision(&lost)).await?;
                assert_eq!(refused.error_code(), Some("not_found"), "{tool}: {}", refused.everything());
            }
        }
        // One deletion takes every pointer to the revision, and no other.
        ask(&client, "package_delete", revision(&first)).await?;
        let mut left = vector.state(state)?;
        left.retain(|key, hash| !key.contains("/named_packages/") || *hash != first);
        assert_eq!(found(&stage).await?, left, "{state}");
    }
    Ok(())
}
