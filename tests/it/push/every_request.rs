//! The server is killed at every request of a push, once before it is served and once when its answer is lost: what can be
//! seen is whole, and the same call, sent to the next process, finishes.

use aws_sdk_s3::primitives::ByteStream;
use quilt_tests::Result;
use quilt_tests::client::{Answer, Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::substrate::Rule;
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

use super::{ask, merged};

/// More than a push of two objects takes, one of them in parts.
const MOST: u32 = 60;

fn package(person: &Person, number: u32) -> Value {
    json!({"package_name": format!("lab/run{number}"), "registry": person.bucket})
}

fn push(person: &Person, number: u32) -> Value {
    let uris = ["notes/note-0.txt", "raw/large.bin"].map(|key| format!("s3://{}/{key}", person.bucket));
    merged(package(person, number), json!({"s3_uris": uris, "force": true}))
}

async fn world() -> Result<World> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    // Two chunks, so that it is copied in parts.
    let body = ByteStream::from(vec![7; 9 * 1024 * 1024]);
    let bucket = &world.person("ada").bucket;
    world.substrate.s3().put_object().bucket(bucket).key("raw/large.bin").body(body).send().await?;
    Ok(world)
}

/// What a verification finds: true if it is whole, false if it is not there, or what is wrong with it.
fn judged(answer: &Answer) -> std::result::Result<bool, String> {
    let whole = answer.structured["verified"] == true && answer.structured["total_entries"] == 2;
    if whole || answer.error_code() == Some("not_found") { Ok(whole) } else { Err(answer.everything()) }
}

/// What is wrong with what can be seen of a package, which is not there, or whole.
async fn wrong_with(client: &Client, package: Value) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let current = judged(&client.call("package_verify", package.clone()).await?);
    let listed = client.call("package_versions_list", package.clone()).await?;
    let versions = listed.structured["versions"].as_array().cloned().unwrap_or_default();
    if current == Ok(true) && versions.len() != 1 {
        wrong.push(format!("{} revisions of one push", versions.len()));
    }
    wrong.extend(current.err());
    for version in &versions {
        let revision = merged(package.clone(), json!({"top_hash": version["top_hash"]}));
        match judged(&client.call("package_verify", revision).await?) {
            Ok(true) => {}
            Ok(false) => wrong.push(format!("the history names {version}, which is not there")),
            Err(why) => wrong.push(why),
        }
    }
    Ok(wrong)
}

/// Kills a server at each request in turn, as `stop` makes the endpoint hold it. How many there were.
async fn killed_at_every_request(stop: impl Fn(Rule) -> Rule) -> Result<u32> {
    let world = world().await?;
    let (ada, plan) = (world.person("ada"), Plan::multi_tenant(&world)?);
    let mut hashes = Vec::new();
    for number in 0..MOST {
        let server = plan.start().await?;
        let client = Client::connect(&server.url, &world.token(ada), Era::Stateless).await?;
        let rule = stop(Rule::on("*").by_role(&ada.role_arn).after(number).times(1));
        let fault = world.substrate.inject(rule).await?;
        let killed = tokio::select! {
            answer = client.call("package_create", push(ada, number)) => {
                hashes.push(answer?.structured["top_hash"].clone());
                false
            }
            held = fault.held(1) => {
                held?;
                server.kill()?;
                fault.dropped(1).await?;
                true
            }
        };
        fault.lift().await?;
        if !killed {
            assert!(hashes.iter().all(|hash| *hash == hashes[0] && hash.is_string()), "{hashes:?}");
            return Ok(number);
        }
        let server = plan.start().await?;
        let client = Client::connect(&server.url, &world.token(ada), Era::Stateless).await?;
        let wrong = wrong_with(&client, package(ada, number)).await?;
        assert!(wrong.is_empty(), "killed at request {number}: {wrong:#?}");
        hashes.push(ask(&client, "package_create", push(ada, number)).await?.structured["top_hash"].clone());
        let wrong = wrong_with(&client, package(ada, number)).await?;
        assert!(wrong.is_empty(), "sent again after request {number}: {wrong:#?}");
        let verified = ask(&client, "package_verify", package(ada, number)).await?;
        assert_eq!(verified.structured["top_hash"], hashes[0], "{}", verified.everything());
    }
    Err(format!("a push takes more than {MOST} requests").into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_before_any_request_is_served_leaves_nothing_half_done() -> Result<()> {
    let requests = killed_at_every_request(Rule::holds).await?;
    assert!(requests >= 12, "a push takes more requests than {requests}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_before_any_answer_comes_leaves_nothing_half_done() -> Result<()> {
    let requests = killed_at_every_request(Rule::holds_the_answer).await?;
    assert!(requests >= 12, "a push takes more requests than {requests}");
    Ok(())
}

/// The twin: a registry as a push would leave it that wrote what is visible first.
#[tokio::test(flavor = "multi_thread")]
async fn a_pointer_to_what_is_not_there_yet_is_caught() -> Result<()> {
    let world = world().await?;
    let (ada, s3) = (world.person("ada"), world.substrate.s3());
    let server = Plan::multi_tenant(&world)?.start().await?;
    let client = Client::connect(&server.url, &world.token(ada), Era::Stateless).await?;
    let hash = ask(&client, "package_create", push(ada, 0)).await?.structured["top_hash"].clone();
    assert_eq!(wrong_with(&client, package(ada, 0)).await?, Vec::<String>::new());
    let manifest = format!(".quilt/packages/{}", hash.as_str().ok_or("a hash")?);
    s3.delete_object().bucket(&ada.bucket).key(manifest).send().await?;
    let wrong = wrong_with(&client, package(ada, 0)).await?;
    assert!(wrong.iter().any(|what| what.contains("the history names")), "{wrong:?}");
    Ok(())
}
