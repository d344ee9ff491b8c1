//! A push that was stopped, and is sent again, does not copy again what is in its place.

use quilt_tests::Result;
use quilt_tests::substrate::{Mark, Rule};
use serde_json::json;

use super::{NAME, ask, creating, named, put};
use crate::stage::Stage;

/// How often something was written to the place of an object of the package, by its last name.
pub(super) async fn writes(stage: &Stage, since: Mark, name: &str) -> Result<usize> {
    let (ada, key) = (stage.person("ada"), format!("{NAME}/{name}"));
    let entries = stage.world.substrate.since(since).await?;
    let written = entries.iter().filter(|entry| {
        entry.action.as_deref() == Some("s3:PutObject")
            && entry.bucket.as_ref() == Some(&ada.bucket)
            && entry.key.as_ref() == Some(&key)
    });
    Ok(written.count())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_copied_is_not_copied_again() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    put(&stage, ada, "raw/large.bin", vec![7; 9 << 20]).await?;
    let uris = ["notes/note-0.txt", "notes/note-1.txt", "raw/large.bin"];
    let uris: Vec<String> = uris.iter().map(|key| format!("s3://{}/{key}", ada.bucket)).collect();
    let arguments = creating(ada, json!({"s3_uris": uris, "copy_mode": "all"}));

    let begun = stage.world.substrate.mark().await?;
    let manifest = Rule::on("s3:PutObject").in_bucket(&ada.bucket).on_key(".quilt/packages/*");
    let fault = stage.world.substrate.inject(manifest.fails(500, "InternalError")).await?;
    let stopped = client.call("package_create", arguments.clone()).await?;
    assert!(fault.lift().await? > 0 && stopped.is_error, "{}", stopped.everything());
    // One request copies a small object; one of two parts is begun, copied twice, and completed.
    for (name, requests) in [("note-0.txt", 1), ("note-1.txt", 1), ("large.bin", 3)] {
        assert!(writes(&stage, begun, name).await? >= requests, "{name} was not copied at first");
    }

    let again = stage.world.substrate.mark().await?;
    ask(&client, "package_create", arguments).await?;
    for name in ["note-0.txt", "note-1.txt", "large.bin"] {
        assert_eq!(writes(&stage, again, name).await?, 0, "{name} was copied again");
    }
    let verified = ask(&client, "package_verify", named(ada)).await?;
    assert_eq!(verified.structured["verified"], true, "{}", verified.everything());
    Ok(())
}

/// A copy of something else that is in the place is none.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_another_object_in_the_place_is_copied_over() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    put(&stage, ada, "raw/large.bin", vec![7; 9 << 20]).await?;
    put(&stage, ada, &format!("{NAME}/large.bin"), vec![8; 9 << 20]).await?;
    let begun = stage.world.substrate.mark().await?;
    let uris = [format!("s3://{}/raw/large.bin", ada.bucket)];
    ask(&client, "package_create", creating(ada, json!({"s3_uris": uris, "copy_mode": "all"}))).await?;
    assert!(writes(&stage, begun, "large.bin").await? > 0, "what was there was taken for the copy");
    Ok(())
}
