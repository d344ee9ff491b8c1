//! Large objects are hashed in chunks side by side, within the turns of their tenant.

use std::time::Duration;

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::substrate::Rule;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

use super::{ask, creating, merged, named, put};
use crate::stage::Stage;

/// Chunks of the object.
const CHUNKS: u64 = 3;

/// Pushes an object of which S3 has no checksum, and verifies it, with so many turns. How many requests read of it at once.
async fn reads_at_once(turns: &str) -> Result<u64> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_TENANT_TRANSFERS", turns);
    let stage = Stage::start(world, plan).await?;
    let ada = stage.person("ada");
    // No two chunks alike, so that their order counts.
    let bytes: Vec<u8> = (0u32..).flat_map(u32::to_le_bytes).take(17 << 20).collect();
    put(&stage, ada, "raw/large.bin", bytes).await?;
    let client = Client::connect(&stage.server.url, &stage.token("ada"), Era::Stateless).await?;
    let uri = format!("s3://{}/raw/large.bin", ada.bucket);
    let reading = Rule::on("s3:GetObject*").in_bucket(&ada.bucket).on_key("raw/large.bin");
    let fault = stage.world.substrate.inject(reading.takes(Duration::from_millis(300))).await?;
    let more = json!({"copy_mode": "none", "s3_uris": [uri]});
    ask(&client, "package_create", merged(creating(ada, json!({})), more)).await?;
    let verified = ask(&client, "package_verify", named(ada)).await?;
    assert_eq!(verified.structured["verified"], true, "{}", verified.everything());
    let most = fault.at_once().await?;
    assert!(fault.lift().await? >= 2 * CHUNKS, "each chunk is read by a request of its own");
    Ok(most)
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_of_a_large_object_are_read_side_by_side() -> Result<()> {
    let most = reads_at_once("64").await?;
    assert!((2..=CHUNKS).contains(&most), "{most} at once");
    Ok(())
}

/// The twin: with one turn they come one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn chunks_that_take_turns_are_read_one_after_the_other() -> Result<()> {
    assert_eq!(reads_at_once("1").await?, 1);
    Ok(())
}
