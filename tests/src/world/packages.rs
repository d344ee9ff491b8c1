//! Packages of people, pushed by the real quilt3.

use serde_json::{Value, json};

use super::{Person, object_key};
use crate::Result;
use crate::substrate::Substrate;

/// A package in a person's bucket, of two revisions. The first has the first and second note, the second the second and
/// third.
#[derive(Clone, Debug)]
pub struct Package {
    /// `namespace/name`.
    pub name: String,
    /// The top hash of the first revision.
    pub first: String,
    /// The top hash of the second and current one.
    pub latest: String,
}

pub(super) async fn push(substrate: &'static Substrate, person: &Person) -> Result<Package> {
    let name = format!("{}/notes", person.tenant);
    let push = |notes: [usize; 2], second: u64| {
        let entries: serde_json::Map<String, Value> = notes
            .into_iter()
            .map(|note| (object_key(note), json!(format!("s3://{}/{}", person.bucket, object_key(note)))))
            .collect();
        let request = json!({
            "do": "push",
            "registry": format!("s3://{}", person.bucket),
            "name": name,
            "message": person.canary,
            "user_meta": {"owner": person.canary},
            "second": second,
            "entries": entries,
        });
        // quilt3 takes its time.
        tokio::task::spawn_blocking(move || substrate.quilt3(&request))
    };
    let hash = |answer: Value| answer["top_hash"].as_str().map(String::from).ok_or("quilt3 told no hash");
    let first = hash(push([0, 1], 1_700_000_000).await??)?;
    let latest = hash(push([1, 2], 1_700_000_060).await??)?;
    Ok(Package { name, first, latest })
}
