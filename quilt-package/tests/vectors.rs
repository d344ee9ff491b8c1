//! Golden vectors: packages that the real quilt3 8.0.0 wrote, and what it made of them.
//!
//! Each directory of `vectors/` has the bytes of each manifest, its top hash, the text that was hashed (`preimage`), and in
//! `vector.json` the contents of the files and the state of the registry.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use quilt_package::diff::{Change, changes};
use quilt_package::hash::Algorithm;
use quilt_package::manifest::{Reader, Record, Writer};
use quilt_package::registry::{self, Pointer};
use quilt_package::workflow::{self, Choice, Config, LoadedSchema, Submission, Violation};
use quilt_package::{
    Entry, Header, Json, LogicalKey, Manifest, PackageName, PhysicalKey, TopHash, TopHasher, canonical,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn folder(vector: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(vector)
}

fn described(vector: &str) -> Result<Value> {
    Ok(serde_json::from_slice(&fs::read(folder(vector).join("vector.json"))?)?)
}

fn stored(vector: &str, revision: &str) -> Result<Vec<u8>> {
    Ok(fs::read(folder(vector).join(format!("{revision}.manifest.jsonl")))?)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Every revision: read, hashed as quilt3 hashed it, and written again byte for byte.
fn holds(vector: &str) -> Result {
    let described = described(vector)?;
    let revisions = described["revisions"].as_array().ok_or("no revisions")?;
    assert!(!revisions.is_empty());
    for revision in revisions {
        let label = text(&revision["label"]);
        let bytes = stored(vector, label)?;
        assert_eq!(hex::encode(Sha256::digest(&bytes)), text(&revision["manifest_sha256"]));
        let expected: TopHash =
            fs::read_to_string(folder(vector).join(format!("{label}.tophash")))?.trim().parse()?;

        let (preimage, streamed, written) = stream(&bytes)?;
        let golden = fs::read(folder(vector).join(format!("{label}.preimage")))?;
        assert_eq!(preimage, String::from_utf8(golden)?, "{label}: what is hashed");
        assert_eq!(streamed, expected, "{label}: the hash of the stream");

        let manifest = Manifest::read(&*bytes)?;
        assert_eq!(manifest.top_hash(), expected, "{label}: the hash of the whole");
        let (again, top_hash) = manifest.to_bytes()?;
        assert_eq!(top_hash, expected, "{label}: the hash while writing");
        assert_eq!(Manifest::read(&*again)?, manifest, "{label}: what was written, read");
        // A hand-made manifest is spelled as its maker liked.
        if label != "loaded" {
            assert_eq!(String::from_utf8(written)?, String::from_utf8(bytes.clone())?, "{label}: streamed");
            assert_eq!(again, bytes, "{label}: written whole");
        }
    }
    contents_hash_as_the_manifest_says(&described, vector)
}

/// What was hashed, the hash, and what the writer made of the records.
fn stream(bytes: &[u8]) -> Result<(String, TopHash, Vec<u8>)> {
    let mut records = Reader::new(bytes);
    let Some(Record::Header(header)) = records.next().transpose()? else { return Err("no header".into()) };
    let mut preimage = canonical::text(&Json::Object(header.members().clone()));
    let mut hasher = TopHasher::new(&header);
    let mut writer = Writer::new(Vec::new(), &header)?;
    for record in records {
        match record? {
            Record::Header(_) => return Err("two headers".into()),
            Record::Directory(directory) => writer.directory(&directory)?,
            Record::Entry(entry) => {
                hasher.push(&entry)?;
                preimage += &hashed(&entry);
                writer.entry(&entry)?;
            }
        }
    }
    let (written, top_hash) = writer.finish();
    let streamed = hasher.finish();
    assert_eq!(streamed, top_hash);
    Ok((preimage, streamed, written))
}

/// An entry as the documentation of the format says that it is hashed.
fn hashed(entry: &Entry) -> String {
    let object = |members: Vec<(&str, Json)>| {
        Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let hash = object(vec![("type", entry.hash.kind().into()), ("value", entry.hash.value().into())]);
    let size = Json::Number(entry.size.into());
    let meta = Json::Object(entry.meta.clone());
    canonical::text(&object(vec![
        ("hash", hash),
        ("logical_key", entry.logical_key.as_str().into()),
        ("meta", meta),
        ("size", size),
    ]))
}

/// Files that a step set under their logical key hash as the first manifest says.
fn contents_hash_as_the_manifest_says(described: &Value, vector: &str) -> Result {
    let manifest = Manifest::read(&*stored(vector, "rev1")?)?;
    for step in described["steps"].as_array().into_iter().flatten() {
        let (Some(key), Some(file)) = (step["set"].as_str(), step["file"].as_str()) else { continue };
        let entry = manifest.get(&key.parse()?).ok_or("no such entry")?;
        let content = content(&described["files"][file])?;
        assert_eq!(entry.size, content.len() as u64);
        let mut hasher = entry.hash.algorithm()?.hasher(entry.size);
        // Cut at odd places: chunks of the hash are not chunks of the stream.
        content.chunks(1_000_003).for_each(|part| hasher.update(part));
        hasher.verify(&entry.hash)?;
    }
    Ok(())
}

fn content(file: &Value) -> Result<Vec<u8>> {
    let size = || file["size"].as_u64().and_then(|size| usize::try_from(size).ok()).ok_or("no size");
    Ok(match text(&file["kind"]) {
        "utf8" => text(&file["text"]).as_bytes().to_vec(),
        "fill" => vec![u8::try_from(file["byte"].as_u64().ok_or("no byte")?)?; size()?],
        "sha256ctr" => {
            let blocks = (0u64..).flat_map(|block| Sha256::digest(block.to_le_bytes()));
            blocks.take(size()?).collect()
        }
        other => return Err(format!("no recipe for {other}").into()),
    })
}

macro_rules! vectors {
    ($($name:ident: $folder:literal,)*) => {
        $(#[test]
        fn $name() -> Result {
            holds($folder)
        })*

        #[test]
        fn every_vector_has_a_test() -> Result {
            let mut known = vec![$($folder),*];
            let mut found = Vec::new();
            for entry in fs::read_dir(folder(""))? {
                found.push(entry?.file_name().into_string().map_err(|_| "not UTF-8")?);
            }
            known.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, known);
            Ok(())
        }
    };
}

vectors! {
    one_small_file: "01-one-small-file",
    message: "02-message",
    empty_file: "03-empty-file",
    empty_package: "04-empty-package",
    package_metadata: "05-package-meta",
    entry_metadata: "06-entry-meta",
    unicode: "07-unicode",
    sort_order: "08-sort-order",
    directory_metadata: "09-dir-meta",
    multi_chunk: "11-multi-chunk",
    numbers: "12-numbers",
    string_escapes: "13-string-escapes",
    workflow: "14-workflow",
    update: "16-update",
    rename: "17-rename",
    legacy_sha256: "19-legacy-sha256",
    crc64nvme: "20-crc64nvme",
    unversioned_bucket: "21-unversioned-bucket",
    delete_and_rollback: "25-delete-rollback",
    same_content_again: "27-same-content-again",
    names: "28-names",
}

#[test]
fn metadata_of_directories_is_read_and_written_but_not_hashed() -> Result {
    let built = Manifest::read(&*stored("09-dir-meta", "rev1")?)?;
    let pushed = Manifest::read(&*stored("09-dir-meta", "rev2")?)?;
    assert!(built.directory(&"data".parse()?).is_some() && pushed.directory(&"data".parse()?).is_none());
    assert_eq!(built.top_hash(), pushed.top_hash());
    Ok(())
}

#[test]
fn the_workflow_of_the_vector_accepts_and_refuses_what_quilt3_did() -> Result {
    let described = described("14-workflow")?;
    let files = &described["files"];
    let versioned = |url: &str| format!("{url}?versionId={}", text(&files[url]["versionId"]));
    let config_url = "s3://golden/.quilt/workflows/config.yml";
    let config = Config::parse(text(&files[config_url]["text"]).as_bytes())?;
    let rules = |choice| -> Result<_> {
        let chosen = config.choose(&choice)?;
        let load = |(id, url): &(&str, &str)| LoadedSchema {
            id: (*id).to_owned(),
            url: versioned(url),
            content: text(&files[*url]["text"]).as_bytes().to_vec(),
        };
        Ok(chosen.with_schemas(&chosen.schemas().iter().map(load).collect::<Vec<_>>())?)
    };

    let choices = [("rev1", Choice::Default), ("rev2", Choice::Named("beta")), ("rev3", Choice::None)];
    for (revision, choice) in choices {
        let manifest = Manifest::read(&*stored("14-workflow", revision)?)?;
        let rules = rules(choice)?;
        let entries = manifest.entries().map(workflow::described).collect();
        rules.check(&Submission {
            name: &"lab/wf".parse()?,
            message: manifest.header.message(),
            user_meta: manifest.header.user_meta(),
            entries: &entries,
        })?;
        let value = rules.header_value(&versioned(config_url));
        assert_eq!(Some(&value), manifest.header.workflow(), "{revision}");
        assert_eq!(
            Some(value.stored().to_string()),
            manifest.header.workflow().map(|value| value.stored().to_string())
        );
    }

    let good = Manifest::read(&*stored("14-workflow", "rev1")?)?;
    let entries = good.entries().map(workflow::described).collect();
    let empty = Json::parse("{}")?;
    let (in_lab, elsewhere): (PackageName, PackageName) = ("lab/wf".parse()?, "other/wf".parse()?);
    let alpha = rules(Choice::Default)?;
    let right = Submission {
        name: &in_lab,
        message: Some("m"),
        user_meta: good.header.user_meta(),
        entries: &entries,
    };
    let none = serde_json::json!([]);
    let refusal = |submission: &Submission<'_>| alpha.check(submission).expect_err("quilt3 refused it");
    assert_eq!(refusal(&Submission { message: None, ..right }), Violation::MessageRequired);
    assert_eq!(refusal(&Submission { message: Some(""), ..right }), Violation::MessageRequired);
    assert!(matches!(refusal(&Submission { name: &elsewhere, ..right }), Violation::Name { .. }));
    assert!(matches!(refusal(&Submission { user_meta: Some(&empty), ..right }), Violation::Metadata(_)));
    assert!(matches!(refusal(&Submission { user_meta: None, ..right }), Violation::Metadata(_)));
    assert!(matches!(refusal(&Submission { entries: &none, ..right }), Violation::Entries(_)));
    assert!(matches!(config.choose(&Choice::Named("nope")), Err(Violation::UnknownWorkflow { .. })));
    Ok(())
}

#[test]
fn the_difference_is_what_quilt3_says_it_is() -> Result {
    let golden = &described("16-update")?["diff_rev1_rev2"];
    let before = Manifest::read(&*stored("16-update", "rev1")?)?;
    let after = Manifest::read(&*stored("16-update", "rev2")?)?;
    let (mut added, mut modified, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes(before.entries().cloned(), after.entries().cloned()) {
        match change {
            Change::Added(entry) => added.push(entry.logical_key.to_string()),
            Change::Deleted(entry) => deleted.push(entry.logical_key.to_string()),
            Change::Modified { after, .. } => modified.push(after.logical_key.to_string()),
        }
    }
    for (name, found) in [("added", added), ("modified", modified), ("deleted", deleted)] {
        assert_eq!(serde_json::to_value(found)?, golden[name], "{name}");
    }
    Ok(())
}

#[test]
fn the_update_can_be_made_from_the_first_revision() -> Result {
    let after = Manifest::read(&*stored("16-update", "rev2")?)?;
    let mut manifest = Manifest::read(&*stored("16-update", "rev1")?)?;
    manifest.remove(&"drop/d.txt".parse()?);
    for key in ["change/b.txt", "new/e.txt", "metaonly.txt"] {
        let entry = after.get(&key.parse()?).ok_or("no such entry")?;
        manifest.set(entry.clone())?;
    }
    manifest.header.set_user_meta(after.header.user_meta().cloned());
    manifest.header.set_message(after.header.message());
    assert_eq!(String::from_utf8(manifest.to_bytes()?.0)?, String::from_utf8(stored("16-update", "rev2")?)?);
    Ok(())
}

#[test]
fn objects_of_every_type_of_hash_are_verified() -> Result {
    for (vector, revision) in [("19-legacy-sha256", "rev1"), ("20-crc64nvme", "rev1")] {
        let files = &described(vector)?["files"];
        for entry in Manifest::read(&*stored(vector, revision)?)?.entries() {
            let object = entry.physical_key.s3().ok_or("not in S3")?;
            let content = content(&files[format!("s3://{}/{}", object.bucket, object.key)])?;
            let hash = |content: &[u8]| -> Result<_> {
                let mut hasher = entry.hash.algorithm()?.hasher(entry.size);
                hasher.update(content);
                Ok(hasher.verify(&entry.hash))
            };
            hash(&content)??;
            if let [first, rest @ ..] = &*content {
                assert!(hash(&[&[first ^ 1], rest].concat())?.is_err(), "one bit of {object} is wrong");
                assert!(hash(rest)?.is_err(), "a byte of {object} is missing");
            }
        }
    }
    Ok(())
}

#[test]
fn pointers_are_where_quilt3_puts_them() -> Result {
    for (vector, states) in
        [("01-one-small-file", 1), ("25-delete-rollback", 6), ("27-same-content-again", 5), ("28-names", 1)]
    {
        let described = described(vector)?;
        let members = described.as_object().ok_or("an object")?.iter();
        let left: Vec<_> =
            members.filter(|(name, _)| name.starts_with("state_") || *name == "registry").collect();
        assert_eq!(left.len(), states, "{vector}");
        for (name, state) in left {
            for (key, content) in state["golden"].as_object().ok_or("no state")? {
                check_place(key, content).map_err(|error| format!("{vector}, {name}: {error}"))?;
            }
        }
    }
    Ok(())
}

/// A key of a registry, and what stands there.
fn check_place(key: &str, content: &Value) -> Result {
    if let Some(hash) = registry::manifest_of(key) {
        assert_eq!(registry::manifest_key(&hash), *key);
        return Ok(());
    }
    let (name, pointer) = registry::pointer_of(key).ok_or_else(|| format!("what is {key}?"))?;
    assert_eq!(registry::pointer_key(&name, pointer), *key);
    let hash = Pointer::read(text(content).as_bytes()).ok_or("no hash")?;
    assert_eq!(Pointer::content(&hash), text(content));
    Ok(())
}

#[test]
fn names_and_keys_are_accepted_where_quilt3_accepts_them() -> Result {
    let described = described("28-names")?;
    for (name, accepted) in described["package_names"].as_object().ok_or("no names")? {
        // Python's `$` lets an end of line by. We do not.
        let accepted = accepted.as_bool() == Some(true) && !name.ends_with('\n');
        assert_eq!(name.parse::<PackageName>().is_ok(), accepted, "{name:?}");
    }
    for (key, accepted) in described["logical_keys"].as_object().ok_or("no keys")? {
        assert_eq!(key.parse::<LogicalKey>().is_ok(), accepted.as_bool() == Some(true), "{key:?}");
    }
    Ok(())
}

#[test]
fn a_key_is_a_file_or_a_directory() -> Result {
    let mut hasher = Algorithm::Sha256Chunked.hasher(0);
    hasher.update(b"");
    let hash = hasher.finish()?;
    let entry = |key: &str| -> Result<Entry> {
        Ok(Entry {
            logical_key: key.parse()?,
            physical_key: "s3://golden/a".parse::<PhysicalKey>()?,
            size: 0,
            hash: hash.clone(),
            meta: quilt_package::Object::new(),
        })
    };
    for (first, second, fits) in [
        ("a", "a/b", false),
        ("d/x", "d", false),
        ("a", "a", true),
        ("a", "a b", true),
        ("a/b/c", "a/b/d", true),
    ] {
        let mut manifest = Manifest::new(Header::new(None));
        manifest.set(entry(first)?)?;
        assert_eq!(manifest.set(entry(second)?).is_ok(), fits, "{first} then {second}");
    }
    Ok(())
}
