//! What is asked of both sides, each in its own words.

use std::path::Path;

use serde_json::{Value, json};

use crate::Result;
use crate::endpoint::samples::{DATA, GIB, SIZES, SMALL, TARGET, THOUSAND};

/// A piece of work.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    Browse(u64),
    /// One file is added to a package of so many.
    Add(u64),
    PushSmall,
    PushLarge,
    List,
    /// Of two packages of so many, of which every hundredth entry differs.
    Diff(u64),
    HashObject,
    /// The library by itself, as all that follow.
    Hash,
    Read(u64),
    Rewrite(u64),
    Compare,
}

impl Work {
    pub(crate) fn title(self) -> String {
        match self {
            Self::Browse(entries) => format!("browse {entries} entries"),
            Self::Add(entries) => format!("add a file to {entries} entries"),
            Self::PushSmall => "push 1000 small files".to_owned(),
            Self::PushLarge => "push 1 GiB".to_owned(),
            Self::List => "list 1000 packages".to_owned(),
            Self::Diff(entries) => format!("diff 2 × {entries} entries"),
            Self::HashObject => "hash 1 GiB in S3".to_owned(),
            Self::Hash => "hash a file of 1 GiB".to_owned(),
            Self::Read(entries) => format!("read {entries} entries"),
            Self::Rewrite(entries) => format!("rewrite {entries} entries"),
            Self::Compare => "compare 2 × 100000 entries".to_owned(),
        }
    }

    /// Whether no server and no endpoint has a part in it.
    pub(crate) fn is_of_the_library(self) -> bool {
        matches!(self, Self::Hash | Self::Read(_) | Self::Rewrite(_) | Self::Compare)
    }

    /// The tool of our server, and its arguments. `turn` tells pushes apart.
    pub(crate) fn tool(self, turn: usize) -> (&'static str, Value) {
        match self {
            Self::Browse(entries) => {
                ("package_browse", json!({"package_name": sized(entries), "registry": SIZES}))
            }
            Self::Add(entries) => (
                "package_update",
                json!({
                    "package_name": sized(entries), "registry": SIZES, "copy_mode": "none", "flatten": false,
                    "s3_uris": [small(turn)],
                }),
            ),
            Self::PushSmall => (
                "package_create",
                json!({
                    "package_name": format!("ours/small-{turn}"), "registry": TARGET,
                    "s3_uris": (0..SMALL).map(small).collect::<Vec<_>>(),
                }),
            ),
            Self::PushLarge => (
                "package_create",
                json!({
                    "package_name": format!("ours/large-{turn}"), "registry": TARGET,
                    "s3_uris": [format!("s3://{DATA}/large.bin")],
                }),
            ),
            Self::List => ("packages_list", json!({"registry": THOUSAND})),
            Self::Diff(entries) => (
                "package_diff",
                json!({
                    "package1_name": sized(entries), "package2_name": changed(entries), "registry": SIZES,
                }),
            ),
            Self::HashObject => ("package_verify", json!({"package_name": "lab/gib", "registry": SIZES})),
            Self::Hash | Self::Read(_) | Self::Rewrite(_) | Self::Compare => ("", Value::Null),
        }
    }

    /// What our tool has to have done, as it says itself.
    pub(crate) fn check(self, answer: &Value) -> Result {
        let done = match self {
            Self::Browse(entries) => answer["summary"]["total_files"].as_u64() >= Some(entries),
            Self::Add(entries) => answer["total_entries"].as_u64() > Some(entries),
            Self::PushSmall => answer["total_entries"] == SMALL,
            Self::PushLarge => answer["total_size"] == GIB,
            Self::List => answer["count"] == 1000,
            Self::Diff(entries) => answer["counts"]["modified"].as_u64() >= Some(entries / 100),
            Self::HashObject => answer["verified"] == true && answer["complete"] == true,
            Self::Hash | Self::Read(_) | Self::Rewrite(_) | Self::Compare => false,
        };
        if done { Ok(()) } else { Err(format!("{}: {answer:#.2000}", self.title()).into()) }
    }

    /// What quilt3 is asked, and the library by itself, and the number that has to be answered at least.
    pub(crate) fn request(self, turn: usize, folder: &Path) -> (Value, u64) {
        let file = |name: &str| folder.join(name);
        match self {
            Self::Browse(entries) => {
                (json!({"do": "browse", "bucket": SIZES, "name": sized(entries)}), entries)
            }
            Self::Add(entries) => {
                let uri = small(SMALL - 1 - turn);
                (json!({"do": "add", "bucket": SIZES, "name": sized(entries), "uri": uri}), entries + 1)
            }
            Self::PushSmall => {
                let (name, from) = (format!("theirs/small-{turn}"), format!("s3://{DATA}/small/"));
                (json!({"do": "push", "bucket": TARGET, "name": name, "folder": from}), SMALL as u64)
            }
            Self::PushLarge => {
                let (name, from) = (format!("theirs/large-{turn}"), format!("s3://{DATA}/large.bin"));
                (json!({"do": "push", "bucket": TARGET, "name": name, "uri": from}), 1)
            }
            Self::List => (json!({"do": "list", "bucket": THOUSAND}), 1000),
            Self::Diff(entries) => {
                let (one, other) = (sized(entries), changed(entries));
                (json!({"do": "diff", "bucket": SIZES, "one": one, "other": other}), entries / 100)
            }
            Self::HashObject => {
                (json!({"do": "hash", "uri": format!("s3://{DATA}/large.bin"), "size": GIB}), 1)
            }
            Self::Hash => (json!({"do": "hash", "uri": file("large.bin"), "size": GIB}), 1),
            Self::Read(entries) => (json!({"do": "read", "path": file(&manifest(entries))}), entries),
            Self::Rewrite(entries) => {
                (json!({"do": "rewrite", "path": file(&manifest(entries)), "to": file("written")}), entries)
            }
            Self::Compare => {
                let (one, other) = (file(&manifest(100_000)), file("changed.jsonl"));
                (json!({"do": "compare", "path": one, "other": other}), 1000)
            }
        }
    }
}

/// The file of a manifest of so many entries.
pub(crate) fn manifest(entries: u64) -> String {
    format!("{entries}.jsonl")
}

fn sized(entries: u64) -> String {
    format!("lab/n{entries}")
}

/// The same, in which every hundredth entry is another.
pub(crate) fn changed(entries: u64) -> String {
    format!("{}-changed", sized(entries))
}

fn small(number: usize) -> String {
    format!("s3://{DATA}/small/{number:04}.bin")
}
