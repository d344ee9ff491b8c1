//! The pushes of one tenant share its turns at S3; another tenant has its own.

use std::time::Duration;

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::substrate::Rule;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

use super::{ask, creating};

/// Copies of so many notes a push.
const NOTES: usize = 3;

/// Lets ada push three packages at once, with so many turns. How many copies were on their way at the same time.
async fn copies_at_once(turns: &str) -> Result<u64> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let server = Plan::multi_tenant(&world)?.set("QUILT_MCP_TENANT_TRANSFERS", turns).start().await?;
    let (ada, ben) = (world.person("ada"), world.person("ben"));
    let client = Client::connect(&server.url, &world.token(ada), Era::Stateless).await?;
    let copying = Rule::on("s3:PutObject").in_bucket(&ada.bucket).on_key("lab/*");
    let fault = world.substrate.inject(copying.takes(Duration::from_millis(100))).await?;
    let uris: Vec<_> = (0..NOTES).map(|note| format!("s3://{}/notes/note-{note}.txt", ada.bucket)).collect();
    let push = async |name: &str| {
        ask(&client, "package_create", creating(ada, json!({"package_name": name, "s3_uris": uris}))).await
    };
    let other = Client::connect(&server.url, &world.token(ben), Era::Stateless).await?;
    tokio::try_join!(push("lab/one"), push("lab/two"), push("lab/three"), async {
        ask(&other, "package_create", creating(ben, json!({}))).await
    })?;
    let most = fault.at_once().await?;
    assert_eq!(fault.lift().await?, 3 * NOTES as u64);
    Ok(most)
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_of_a_tenant_take_turns() -> Result<()> {
    assert_eq!(copies_at_once("1").await?, 1);
    Ok(())
}

/// The twin: with turns enough they do not.
#[tokio::test(flavor = "multi_thread")]
async fn pushes_that_take_no_turns_are_seen() -> Result<()> {
    let most = copies_at_once("64").await?;
    assert!(most > 1, "{most} at once");
    Ok(())
}
