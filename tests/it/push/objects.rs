//! Objects that are larger than what a request may hold in memory: copied, verified, installed.

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::memory::high_water;
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{Person, ServerRights, ada_and_ben};
use serde_json::{Value, json};

use super::{ask, creating, merged, named, put};
use crate::stage::Stage;

const LARGE: usize = 64 << 20;
/// What a request may hold. Nothing of an object is held for a copy, and little of one that is read.
const MOST: u64 = 16 << 20;

async fn staged() -> Result<Stage> {
    let patient = |plan: Plan| plan.set("QUILT_MCP_CALL_TIMEOUT", "10m");
    let stage = Stage::planned(ada_and_ben(), ServerRights::OnlyExchange, patient).await?;
    let ada = stage.person("ada");
    put(&stage, ada, "raw/large.bin", vec![7; LARGE]).await?;
    put(&stage, ada, "raw/small.bin", vec![7; 9 << 20]).await?;
    Ok(stage)
}

fn pushing(person: &Person, object: &str, mode: &str) -> Value {
    let more = json!({"copy_mode": mode, "force": true, "s3_uris": [format!("s3://{}/raw/{object}", person.bucket)]});
    creating(person, more)
}

/// Makes a package of each object. What a tool is told of each, with more: the small one first.
async fn packaged(
    client: &Client,
    person: &Person,
    mode: &str,
    more: impl Fn(&str) -> Value,
) -> Result<[Value; 2]> {
    let mut work = [Value::Null, Value::Null];
    for (object, one) in ["small.bin", "large.bin"].into_iter().zip(&mut work) {
        let name = json!({"package_name": format!("lab/{}", object.replace('.', "-"))});
        ask(client, "package_create", merged(pushing(person, object, mode), name.clone())).await?;
        *one = merged(merged(named(person), name), more(object));
    }
    Ok(work)
}

/// Does `tool` with a small object, and then with a large one. How much more memory that took.
async fn grown(server: &Server, client: &Client, tool: &str, [small, large]: [Value; 2]) -> Result<u64> {
    ask(client, tool, small).await?;
    let before = high_water(server.process_id())?;
    ask(client, tool, large).await?;
    Ok(high_water(server.process_id())? - before)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_object_is_copied_in_bounded_memory() -> Result<()> {
    let stage = staged().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let work = ["small.bin", "large.bin"].map(|object| pushing(ada, object, "all"));
    let grown = grown(&stage.server, &client, "package_create", work).await?;
    assert!(grown <= MOST, "{grown} bytes more, for an object of {LARGE}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_object_is_verified_in_bounded_memory() -> Result<()> {
    let stage = staged().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let work = packaged(&client, ada, "all", |_| json!({})).await?;
    let large = work[1].clone();
    let grown = grown(&stage.server, &client, "package_verify", work).await?;
    let verified = ask(&client, "package_verify", large).await?;
    assert_eq!(verified.structured["bytes_checked"], LARGE, "{}", verified.everything());
    assert!(grown <= MOST, "{grown} bytes more, for an object of {LARGE}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_object_is_installed_in_bounded_memory() -> Result<()> {
    let stage = staged().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let home = tempfile::tempdir()?;
    let work = packaged(&client, ada, "none", |object| json!({"dest": home.path().join(object)})).await?;
    let own = Plan::single_user(&stage.world, &stage.world.key_of(ada).await?)?;
    let server = own.http().set("QUILT_MCP_CALL_TIMEOUT", "10m").start().await?;
    let client = Client::connect_with(reqwest::Client::new(), &server.url, None, Era::Stateless).await?;
    let grown = grown(&server, &client, "package_install", work).await?;
    let installed = std::fs::metadata(home.path().join("large.bin/large.bin"))?;
    assert_eq!(installed.len(), LARGE as u64);
    assert!(grown <= MOST, "{grown} bytes more, for an object of {LARGE}");
    Ok(())
}
