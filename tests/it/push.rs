//! Pushes: what they make, that the real quilt3 reads it, and that nothing stops one halfway.

mod every_request;
mod faults;
mod from_folder;
mod hashing;
mod kept;
pub(crate) mod large;
mod modes;
mod objects;
mod parts;
mod progress;
mod races;
mod reads;
mod repeated;
mod turns;
mod unlike;
mod vectors;

use aws_sdk_s3::primitives::ByteStream;
use quilt_tests::Result;
use quilt_tests::client::{Answer, Client};
use quilt_tests::judge::{assert_clean, record_agrees};
use quilt_tests::substrate::Substrate;
use quilt_tests::world::{Person, World};
use serde_json::{Value, json};

use crate::stage::Stage;

/// Of a package of ada's.
pub(crate) const NAME: &str = "lab/run";

/// The arguments that make ada's package of one note, with more.
pub(crate) fn creating(person: &Person, more: Value) -> Value {
    merged(json!({"package_name": NAME, "registry": person.bucket, "s3_uris": [person.first_uri()]}), more)
}

pub(crate) fn adding(person: &Person, note: usize) -> Value {
    let uri = format!("s3://{}/notes/note-{note}.txt", person.bucket);
    json!({"package_name": NAME, "registry": person.bucket, "s3_uris": [uri]})
}

pub(crate) fn named(person: &Person) -> Value {
    json!({"package_name": NAME, "registry": person.bucket})
}

pub(crate) fn merged(mut one: Value, other: Value) -> Value {
    if let (Some(one), Value::Object(other)) = (one.as_object_mut(), other) {
        one.extend(other);
    }
    one
}

/// Calls a tool that has to succeed.
pub(crate) async fn ask(client: &Client, tool: &str, arguments: Value) -> Result<Answer> {
    let answer = client.call(tool, arguments).await?;
    if answer.is_error { Err(format!("{tool}: {}", answer.everything()).into()) } else { Ok(answer) }
}

/// The top hash and the logical keys that the real quilt3 finds in a package.
pub(crate) async fn seen_by_quilt3(
    substrate: &'static Substrate,
    person: &Person,
) -> Result<(String, Vec<String>)> {
    let request = json!({"do": "browse", "registry": format!("s3://{}", person.bucket), "name": NAME});
    let mut told = tokio::task::spawn_blocking(move || substrate.quilt3(&request)).await??;
    let keys = serde_json::from_value(told["logical_keys"].take())?;
    Ok((told["top_hash"].as_str().ok_or("no hash")?.to_owned(), keys))
}

fn paths(files: &Value) -> Vec<&str> {
    files.as_array().into_iter().flatten().filter_map(|file| file["logical_path"].as_str()).collect()
}

pub(crate) async fn put(stage: &Stage, person: &Person, key: &str, body: Vec<u8>) -> Result<()> {
    put_in(stage, &person.bucket, key, body).await
}

pub(crate) async fn put_in(stage: &Stage, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
    put_into(&stage.world, bucket, key, body).await
}

pub(crate) async fn put_into(world: &World, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
    let s3 = world.substrate.s3();
    s3.put_object().bucket(bucket).key(key).body(ByteStream::from(body)).send().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn quilt3_finds_what_was_pushed_and_computes_the_same_hash() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    // Two chunks, so that it is copied in parts; and none.
    put(&stage, ada, "raw/large.bin", vec![7; 9 * 1024 * 1024]).await?;
    put(&stage, ada, "raw/é +(1).csv", Vec::new()).await?;
    let uris = ["notes/note-0.txt", "raw/large.bin", "raw/é +(1).csv"];
    let uris: Vec<String> = uris.iter().map(|key| format!("s3://{}/{key}", ada.bucket)).collect();
    let mut hashes = Vec::new();
    for mode in ["none", "same_bucket", "all"] {
        let more = json!({
            "s3_uris": uris, "copy_mode": mode, "flatten": false, "force": true, "replace_manifest": true,
            "metadata": {"readme_content": "# Read me", "n": 1.0, "ü": [null, 1e100]}, "message": "first",
        });
        let made = ask(&client, "package_create", creating(ada, more)).await?;
        let (hash, keys) = seen_by_quilt3(stage.world.substrate, ada).await?;
        assert_eq!(made.structured["top_hash"], hash, "{mode}");
        assert_eq!(keys, ["README.md", "notes/note-0.txt", "raw/large.bin", "raw/é +(1).csv"], "{mode}");
        let verified = ask(&client, "package_verify", named(ada)).await?;
        assert_eq!(verified.structured["verified"], true, "{mode}: {}", verified.everything());
        hashes.push(hash);
    }
    // Where the bytes are is not what a package says.
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
    let versions = ask(&client, "package_versions_list", named(ada)).await?;
    assert_eq!(versions.structured["count"], 1, "{}", versions.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_of_the_same_content_is_not_replaced_unasked() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let create = async |more: Value| ask(&client, "package_create", creating(ada, more)).await;
    let key_now = async || -> Result<String> {
        let browsed = ask(&client, "package_browse", named(ada)).await?;
        Ok(browsed.structured["entries"][0]["physical_key"].as_str().ok_or("a key")?.to_owned())
    };
    create(json!({"copy_mode": "none"})).await?;
    let first = key_now().await?;
    let kept = create(json!({"copy_mode": "all", "force": true})).await?;
    assert_eq!(kept.structured["action"], "unchanged", "{}", kept.everything());
    assert!(kept.structured["warnings"][0].as_str().is_some_and(|text| text.contains("replace_manifest")));
    assert_eq!(key_now().await?, first);
    create(json!({"copy_mode": "all", "force": true, "replace_manifest": true})).await?;
    assert_ne!(key_now().await?, first);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_keeps_what_it_does_not_name() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let metadata = json!({"readme": "# Kept", "a": 1, "b": {"deep": true}});
    ask(&client, "package_create", creating(ada, json!({"metadata": metadata}))).await?;
    let update = async |more: Value| ask(&client, "package_update", merged(adding(ada, 1), more)).await;
    let merge = update(json!({"metadata": {"a": 2}})).await?;
    assert_eq!(merge.structured["metadata"], json!({"a": 2, "b": {"deep": true}}), "{}", merge.everything());
    assert_eq!(merge.structured["total_entries"], 3);
    let (_, keys) = seen_by_quilt3(stage.world.substrate, ada).await?;
    assert_eq!(keys, ["README.md", "note-0.txt", "note-1.txt"]);
    let same = update(json!({"metadata": {"a": 2}})).await?;
    assert_eq!(same.structured["action"], "unchanged", "{}", same.everything());
    let replace = update(json!({"metadata": {"c": 3}, "metadata_mode": "replace", "s3_uris": []})).await?;
    assert_eq!(replace.structured["metadata"], json!({"c": 3}), "{}", replace.everything());
    assert_eq!(replace.structured["total_entries"], 3);
    let missing = client.call("package_update", merged(adding(ada, 1), json!({"package_name": "no/such"})));
    assert_eq!(missing.await?.error_code(), Some("not_found"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_changes_nothing() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    put(&stage, ada, "other/note-0.txt", vec![1]).await?;
    put(&stage, ada, "notes/note-0.txt/inside", vec![1]).await?;
    let uri = |key: &str| format!("s3://{}/{key}", ada.bucket);
    let mark = stage.world.substrate.mark().await?;
    for (more, code) in [
        (json!({"s3_uris": [uri("notes/note-0.txt"), uri("other/note-0.txt")]}), "invalid_input"),
        (json!({"s3_uris": [uri("notes/")]}), "invalid_input"),
        (json!({"s3_uris": [uri("a//b")], "flatten": false}), "invalid_input"),
        (json!({"s3_uris": []}), "invalid_input"),
        (
            json!({"s3_uris": [uri("notes/note-0.txt"), uri("notes/note-0.txt/inside")], "flatten": false}),
            "invalid_input",
        ),
        (json!({"s3_uris": [uri("notes/note-0.txt"), uri("no/such")]}), "not_found"),
        (json!({"package_name": "é/ñ"}), "invalid_input"),
        (json!({"package_name": "no-slash"}), "invalid_input"),
        (json!({"metadata": {"readme": "a", "README": "b"}}), "invalid_input"),
        (json!({"workflow": "alpha"}), "invalid_input"),
        (json!({"dry_run": true}), ""),
    ] {
        let answer = client.call("package_create", creating(ada, more.clone())).await?;
        assert_eq!(answer.error_code().unwrap_or_default(), code, "{more}: {}", answer.everything());
    }
    let entries = stage.world.substrate.since(mark).await?;
    let wrote = |action: &str| action.starts_with("s3:Put") || action.starts_with("s3:Delete");
    let writes: Vec<_> = entries
        .iter()
        .filter(|entry| stage.world.owns(entry) && entry.action.as_deref().is_some_and(wrote))
        .collect();
    assert!(writes.is_empty(), "{writes:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_a_registry_are_held_before_anything_is_written() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let config = format!(
        "version: '1'\ndefault_workflow: alpha\nworkflows:\n  alpha:\n    name: Alpha\n    handle_pattern: ^lab/\n    \
         is_message_required: true\n    metadata_schema: meta\n    entries_schema: entries\nschemas:\n  meta:\n    \
         url: s3://{0}/meta.json\n  entries:\n    url: s3://{0}/entries.json\n",
        ada.bucket
    );
    put(&stage, ada, ".quilt/workflows/config.yml", config.into_bytes()).await?;
    put(&stage, ada, "meta.json", json!({"required": ["owner"]}).to_string().into_bytes()).await?;
    put(&stage, ada, "entries.json", json!({"maxItems": 1}).to_string().into_bytes()).await?;
    let owner = json!({"owner": "ada"});
    let notes = [0, 1].map(|note| format!("s3://{}/notes/note-{note}.txt", ada.bucket));
    for (more, wrong) in [
        (json!({}), "metadata"),
        (json!({"metadata": owner, "message": ""}), "message"),
        (json!({"metadata": owner, "package_name": "other/run"}), "name"),
        (json!({"metadata": owner, "s3_uris": notes}), "entries"),
        (json!({"metadata": owner, "workflow": "beta"}), "beta"),
        (json!({"metadata": owner, "workflow": ""}), "requires a workflow"),
    ] {
        let answer = client.call("package_create", creating(ada, more.clone())).await?;
        assert_eq!(answer.error_code(), Some("invalid_input"), "{more}: {}", answer.everything());
        assert!(answer.everything().contains(wrong), "{more}: {}", answer.everything());
    }
    let made = ask(&client, "package_create", creating(ada, json!({"metadata": owner}))).await?;
    let (hash, _) = seen_by_quilt3(stage.world.substrate, ada).await?;
    assert_eq!(made.structured["top_hash"], hash);
    let browsed = ask(&client, "package_browse", named(ada)).await?;
    assert_eq!(browsed.structured["workflow"]["id"], "alpha", "{}", browsed.everything());
    // An update is held to them as well, with what the package has already.
    let answer = client.call("package_update", adding(ada, 1)).await?;
    assert_eq!(answer.error_code(), Some("invalid_input"), "{}", answer.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_becomes_the_package_that_the_preview_showed() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    for key in ["a/x.csv", "b/x.csv", "plot.png", "drafts/tmp.csv", "odd//key"] {
        put(&stage, ada, &format!("raw/{key}"), key.as_bytes().to_vec()).await?;
    }
    let create = async |dry_run: bool| {
        let arguments = json!({
            "package_name": NAME, "source_bucket": ada.bucket, "source_prefix": "raw/", "dry_run": dry_run,
            "description": "Three runs", "exclude_patterns": ["*tmp*"], "metadata": {"owner": "ada"},
            "metadata_template": "ml",
        });
        ask(&client, "package_create_from_s3", arguments).await
    };
    let mut preview = create(true).await?.structured;
    assert_eq!(preview["action"], "preview", "{preview:#}");
    let absent = client.call("package_browse", named(ada)).await?;
    assert_eq!(absent.error_code(), Some("not_found"));
    let mut made = create(false).await?.structured;
    let expected = [
        "README.md",
        "data/media/plot.png",
        "data/processed/a/x.csv",
        "data/processed/b/x.csv",
        "quilt_summarize.json",
    ];
    assert_eq!(paths(&made["files"]), expected, "{made:#}");
    assert_eq!(made["left_out"], 1, "{made:#}");
    let (hash, keys) = seen_by_quilt3(stage.world.substrate, ada).await?;
    assert_eq!(keys, expected);
    assert_eq!(made["top_hash"], hash);
    let browsed = ask(&client, "package_browse", named(ada)).await?;
    let metadata = &browsed.structured["metadata"];
    assert_eq!(
        (&metadata["description"], &metadata["owner"], &metadata["package_type"]),
        (&json!("Three runs"), &json!("ada"), &json!("ml")),
        "{metadata:#}"
    );
    let readme = format!("s3://{}/{NAME}/README.md", ada.bucket);
    let readme = ask(&client, "bucket_object_text", json!({"s3_uri": readme})).await?;
    assert!(readme.everything().contains("Three runs"), "{}", readme.everything());
    // Nothing but what is only known afterwards differs.
    for body in [&mut preview, &mut made] {
        for known_afterwards in ["action", "top_hash"] {
            body.as_object_mut().ok_or("an object")?.remove(known_afterwards);
        }
        for file in body["files"].as_array_mut().ok_or("a list")? {
            file.as_object_mut().ok_or("an object")?.remove("physical_key");
        }
    }
    assert_eq!(preview, made);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_says_what_goes_and_leaves_the_rest() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let mut hashes = Vec::new();
    let made = ask(&client, "package_create", creating(ada, json!({}))).await?;
    hashes.push(made.structured["top_hash"].clone());
    for note in [1, 2] {
        hashes.push(ask(&client, "package_update", adding(ada, note)).await?.structured["top_hash"].clone());
    }
    let current = async || -> Result<(String, Value)> {
        let versions = ask(&client, "package_versions_list", named(ada)).await?;
        let (hash, _) = seen_by_quilt3(stage.world.substrate, ada).await?;
        assert_eq!(versions.structured["latest"], hash);
        Ok((hash, versions.structured["count"].clone()))
    };
    let back = ask(&client, "package_rollback", merged(named(ada), json!({"top_hash": hashes[0]}))).await?;
    assert_eq!((&back.structured["previous"], &back.structured["changed"]), (&hashes[2], &json!(true)));
    assert_eq!(current().await?, (hashes[0].as_str().ok_or("text")?.to_owned(), json!(3)));
    ask(&client, "package_rollback", merged(named(ada), json!({"top_hash": hashes[2]}))).await?;
    let unknown = merged(named(ada), json!({"top_hash": "0".repeat(64)}));
    for tool in ["package_rollback", "package_delete"] {
        assert_eq!(client.call(tool, unknown.clone()).await?.error_code(), Some("not_found"), "{tool}");
    }
    let delete = async |more: Value| ask(&client, "package_delete", merged(named(ada), more)).await;
    let preview = delete(json!({"top_hash": hashes[2], "dry_run": true})).await?;
    assert_eq!(preview.structured["action"], "preview");
    assert_eq!(current().await?.1, 3);
    let gone = delete(json!({"top_hash": hashes[2]})).await?;
    assert_eq!(gone.structured["removed"], preview.structured["removed"]);
    assert_eq!(gone.structured["latest"], hashes[1], "{}", gone.everything());
    assert_eq!(current().await?, (hashes[1].as_str().ok_or("text")?.to_owned(), json!(2)));
    let gone = delete(json!({})).await?;
    assert_eq!(gone.structured["removed_count"], 3, "{}", gone.everything());
    for tool in ["package_browse", "package_delete"] {
        assert_eq!(client.call(tool, named(ada)).await?.error_code(), Some("not_found"), "{tool}");
    }
    // The data stays.
    ask(&client, "bucket_object_text", json!({"s3_uri": format!("s3://{}/{NAME}/note-1.txt", ada.bucket)}))
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_exchanges_credentials_once_and_stays_in_the_callers_bucket() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, ben, client) = (stage.person("ada"), stage.person("ben"), stage.client("ada").await?);
    let mark = stage.world.substrate.mark().await?;
    ask(&client, "package_create", creating(ada, json!({}))).await?;
    let entries = stage.world.substrate.since(mark).await?;
    let own: Vec<_> = entries.iter().filter(|entry| stage.world.owns(entry)).collect();
    assert_eq!(own.iter().filter(|entry| entry.is_exchange()).count(), 1, "{own:#?}");
    assert_clean("creating", &record_agrees(&stage.world, &entries));
    // Another's object cannot be copied, whatever the registry.
    let theirs = json!({"s3_uris": [ben.first_uri()], "package_name": "lab/other"});
    for mode in ["all", "same_bucket", "none"] {
        let arguments = creating(ada, merged(theirs.clone(), json!({"copy_mode": mode})));
        assert_eq!(
            client.call("package_create", arguments).await?.error_code(),
            Some("access_denied"),
            "{mode}"
        );
    }
    Ok(())
}
