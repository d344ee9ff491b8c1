//! Which objects a push copies, and where they are then: in the registry already, or in another bucket of its caller.

use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::world::{Person, ServerRights, Wanted};
use serde_json::json;

use super::repeated::writes;
use super::{NAME, ask, creating, named, put_in};
use crate::stage::Stage;

/// Large enough to be copied in parts.
const LARGE: usize = (8 << 20) + 4096;

async fn of_two_buckets() -> Result<Stage> {
    let stage =
        Stage::of([Wanted::new("acme", "ada").with_second_bucket()], ServerRights::OnlyExchange).await?;
    let ada = stage.person("ada");
    put_in(&stage, ada.second_bucket(), "raw/small.txt", ada.canary.clone().into_bytes()).await?;
    put_in(&stage, ada.second_bucket(), "raw/large.bin", vec![7; LARGE]).await?;
    Ok(stage)
}

/// What `mode` does to an object of the registry, and to those of the other bucket: one that is copied whole, and one in parts.
async fn does(stage: &Stage, client: &Client, mode: &str, in_registry: &str, elsewhere: &str) -> Result<()> {
    let ada = stage.person("ada");
    let second = ada.second_bucket();
    let sources = [
        (ada.first_uri(), "note-0.txt", in_registry),
        (format!("s3://{second}/raw/small.txt"), "small.txt", elsewhere),
        (format!("s3://{second}/raw/large.bin"), "large.bin", elsewhere),
    ];
    let uris: Vec<&String> = sources.iter().map(|(uri, ..)| uri).collect();
    let more = json!({"copy_mode": mode, "message": mode, "force": true, "s3_uris": uris});
    let mark = stage.world.substrate.mark().await?;
    let made = ask(client, "package_create", creating(ada, more)).await?;
    let files = made.structured["files"].as_array().ok_or("a list")?;
    for (uri, key, transfer) in &sources {
        let file = files.iter().find(|file| file["logical_path"] == *key).ok_or("a file")?;
        assert_eq!(file["transfer"], *transfer, "{mode}: {uri}: {}", made.everything());
        let copied = *transfer == "copy";
        let at = if copied { format!("s3://{}/{NAME}/{key}", ada.bucket) } else { uri.clone() };
        let physical = file["physical_key"].as_str().ok_or("a key")?;
        assert!(physical.starts_with(&format!("{at}?versionId=")), "{mode}: {uri}: {physical}");
        // The endpoint's own account: bytes are written to the registry if, and only if, they are copied.
        let written = writes(stage, mark, key).await? > 0;
        assert_eq!(written, copied, "{mode}: {uri}");
    }
    whole(client, ada, mode).await
}

async fn whole(client: &Client, ada: &Person, mode: &str) -> Result<()> {
    let verified = ask(client, "package_verify", named(ada)).await?;
    let body = &verified.structured;
    assert_eq!((&body["verified"], &body["objects_checked"]), (&json!(true), &json!(3)), "{mode}: {body}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn none_refers_to_objects_where_they_are() -> Result<()> {
    let stage = of_two_buckets().await?;
    does(&stage, &stage.client("ada").await?, "none", "reference", "reference").await
}

/// It differs from `none` in what is elsewhere, and from `all` in what is here.
#[tokio::test(flavor = "multi_thread")]
async fn same_bucket_copies_what_is_in_another_bucket_and_nothing_else() -> Result<()> {
    let stage = of_two_buckets().await?;
    does(&stage, &stage.client("ada").await?, "same_bucket", "reference", "copy").await
}

#[tokio::test(flavor = "multi_thread")]
async fn all_copies_what_is_not_in_its_place() -> Result<()> {
    let stage = of_two_buckets().await?;
    does(&stage, &stage.client("ada").await?, "all", "copy", "copy").await
}
