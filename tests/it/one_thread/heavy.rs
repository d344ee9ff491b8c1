//! Calls that compute much, and one that waits for a lock.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::world::{Person, ServerRights, Wanted, World, ada_and_ben};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{Between, OneThread, in_place};
use crate::durability::disk::file_of;
use crate::push::large::placed_as;
use crate::push::{ask, creating, merged, named, put_into};
use crate::stage::{LIVE, looked_at_until};

/// The longest turn, of a server that is not optimised. What takes long takes seconds.
const MOST: Duration = Duration::from_millis(400);
/// The same of a call that writes a part of 8 MiB, which the AWS SDK hashes in its place to sign it.
const MOST_WITH_A_PART: Duration = Duration::from_secs(1);

const OBJECT: usize = 128 << 20;
/// Tools whose work takes long without waiting for anybody.
const COMPUTING: [&str; 2] = ["package_create", "package_verify"];
const MANIFEST: &str = "lab/large";

/// What is read and pushed.
async fn prepare(world: &World, ada: &Person) -> Result<()> {
    let bytes: Vec<u8> = (0u32..).flat_map(u32::to_le_bytes).take(OBJECT).collect();
    put_into(world, &ada.bucket, "raw/large.bin", bytes).await?;
    // As large as a table may be, in rows and in bytes.
    let mut table = String::from("well,value,note\n");
    for row in 0..49_000 {
        writeln!(table, "well-{},{}.5,{}", row % 96, row, "n".repeat(180))?;
    }
    put_into(world, &ada.bucket, "raw/large.csv", table.into_bytes()).await?;
    // Rules that look at every entry.
    let rules = format!(
        "version: '1'\ndefault_workflow: alpha\nworkflows:\n  alpha:\n    name: Alpha\n    entries_schema: entries\n\
         schemas:\n  entries:\n    url: s3://{}/entries.json\n",
        ada.bucket
    );
    // These take seconds before any entry is looked at.
    let patterns: Vec<Value> = (200..260)
        .map(|most| json!({"items": {"properties": {"logical_key": {"pattern": format!("^\\w{{1,{most}}}")}}}}))
        .collect();
    let schema = json!({"items": {"properties": {
        "logical_key": {"pattern": "^[a-z0-9./-]+$"},
        "meta": {"additionalProperties": {"maxLength": 4_000, "pattern": "^n*$"}},
    }}, "allOf": patterns});
    put_into(world, &ada.bucket, ".quilt/workflows/config.yml", rules.into_bytes()).await?;
    put_into(world, &ada.bucket, "entries.json", schema.to_string().into_bytes()).await?;
    placed_as(world, ada, MANIFEST, 4_000, 'n').await?;
    Ok(())
}

/// Files by folder, as many as are summed up at a time.
fn folders() -> Value {
    let files = |folder: usize| -> Vec<Value> {
        (0..5_000).map(|file| json!({"Key": format!("{folder}/{file}.csv"), "Size": file})).collect()
    };
    json!((0..10).map(|folder| (folder.to_string(), files(folder))).collect::<BTreeMap<_, _>>())
}

/// What is asked, in this order.
fn calls(ada: &Person) -> Vec<(&'static str, Value)> {
    let large = json!({"package_name": MANIFEST, "registry": ada.bucket});
    let uris = json!({"copy_mode": "none", "s3_uris": [format!("s3://{}/raw/large.bin", ada.bucket)]});
    let chart =
        |data: Value| json!({"data": data, "plot_type": "bar", "x_column": "well", "y_column": "value"});
    let rows: Vec<Value> =
        (0..20_000).map(|row| json!({"well": format!("well-{}", row % 96), "value": row})).collect();
    let summary = json!({
        "package_name": "lab/run", "package_metadata": {}, "organized_structure": folders(), "readme_content": "",
        "source_info": {},
    });
    let pictures = json!({"package_name": "lab/run", "organized_structure": folders(), "file_types": {}});
    vec![
        ("package_create", merged(creating(ada, json!({})), uris)),
        ("package_verify", named(ada)),
        ("create_data_visualization", chart(json!(format!("s3://{}/raw/large.csv", ada.bucket)))),
        ("create_data_visualization", chart(rows.into())),
        ("generate_quilt_summarize_json", summary),
        ("generate_package_visualizations", pictures),
        ("package_browse", merged(large.clone(), json!({"top": 10_000}))),
        (
            "package_diff",
            json!({"package1_name": MANIFEST, "package2_name": "lab/run", "registry": ada.bucket}),
        ),
        ("package_update", merged(large, json!({"s3_uris": [ada.first_uri()]}))),
        (
            "bucket_objects_list",
            json!({"bucket": ada.bucket, "include_signed_urls": true, "max_keys": 1_000}),
        ),
        (
            "workflow_create",
            json!({"workflow_id": "w", "name": "w", "metadata": {"note": "n".repeat(16_000)}}),
        ),
        ("workflow_list_all", json!({})),
    ]
}

/// The longest turn of each call.
async fn longest_turns(between: Between, asked: impl Fn(&str) -> bool) -> Result<Vec<(String, Duration)>> {
    let world =
        World::of([Wanted::new("acme", "ada").with_objects(1_000)], ServerRights::OnlyExchange).await?;
    let ada = world.person("ada");
    prepare(&world, ada).await?;
    let server = OneThread::start(&world, between).await?;
    let client = server.client(&world, "ada").await?;
    // The first call of a server makes what all others use.
    ask(&client, "bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
    let mut turns = Vec::new();
    for (tool, arguments) in calls(ada).into_iter().filter(|(tool, _)| asked(tool)) {
        server.longest.take().await?;
        ask(&client, tool, arguments).await?;
        turns.push((tool.to_owned(), server.longest.take().await?));
    }
    server.stop().await?;
    Ok(turns)
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn no_call_keeps_the_thread_for_long() -> Result<()> {
    let turns = longest_turns(|sound| sound, |_| true).await?;
    for (tool, turn) in &turns {
        println!("{tool}: the longest turn was {turn:?}");
    }
    let most = |tool: &str| if tool == "package_update" { MOST_WITH_A_PART } else { MOST };
    let long: Vec<_> = turns.iter().filter(|(tool, turn)| *turn > most(tool)).collect();
    assert!(long.is_empty(), "{long:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn what_is_done_in_its_place_is_caught() -> Result<()> {
    let turns = longest_turns(in_place, |tool| COMPUTING.contains(&tool)).await?;
    println!("in its place: {turns:?}");
    assert!(turns.len() == COMPUTING.len() && turns.iter().all(|(_, turn)| *turn > MOST), "{turns:?}");
    Ok(())
}

/// Holds the one write lock of the file.
fn lock(server: &OneThread, tenant: &str) -> Result<Connection> {
    let connection = Connection::open(file_of(&server.plan.data_directory(), tenant))?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch("BEGIN IMMEDIATE")?;
    Ok(connection)
}

async fn create(client: &Client, id: &str) -> Result<bool> {
    Ok(!client.call("workflow_create", json!({"workflow_id": id, "name": id})).await?.is_error)
}

/// Ada's write waits for a lock, and ben asks for things. Who is done first, and whether ada's write was made.
async fn first_to_be_done(between: Between) -> Result<(&'static str, bool)> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let server = OneThread::start(&world, between).await?;
    let (ada, ben) = (Arc::new(server.client(&world, "ada").await?), server.client(&world, "ben").await?);
    assert!(create(&ada, "first").await?);
    let held = lock(&server, &world.person("ada").tenant)?;
    let mut writes = tokio::spawn(async move { create(&ada, "second").await });
    let asks = async {
        looked_at_until(|| server.metrics(), |metrics| metrics.sum(LIVE) > 0.0).await?;
        assert!(create(&ben, "own").await?);
        ask(&ben, "workflow_list_all", json!({})).await?;
        ask(&ben, "bucket_object_text", json!({"s3_uri": world.person("ben").first_uri()})).await
    };
    let (first, made) = tokio::select! {
        written = &mut writes => ("ada", written??),
        asked = asks => {
            asked?;
            drop(held);
            ("ben", writes.await??)
        }
    };
    server.stop().await?;
    Ok((first, made))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waits_for_a_lock_keeps_nobody_else_waiting() -> Result<()> {
    assert_eq!(first_to_be_done(|sound| sound).await?, ("ben", true));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waits_in_its_place_is_caught() -> Result<()> {
    assert_eq!(first_to_be_done(in_place).await?.0, "ada");
    Ok(())
}
