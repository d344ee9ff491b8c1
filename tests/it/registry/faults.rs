//! A registry that is slow, down, refusing, redirecting, malformed or huge: a clear error in time, nothing leaked, and nobody else
//! is touched.

use std::time::{Duration, Instant};

use quilt_tests::Result;
use quilt_tests::key_server::KeyServer;
use quilt_tests::registry::{Registry, Trouble};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

use super::stage;
use crate::stage::{IN_TIME, Stage};

const OPERATION: &str = "BucketConfigs";

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_a_clear_error_and_touches_nobody_else() -> Result<()> {
    let stage = stage("5s").await?;
    let (registry, ada, ben) = (Registry::shared()?, stage.person("ada"), stage.person("ben"));
    let (token, elsewhere) = (stage.token("ada"), KeyServer::start().await?);
    let signature = token.rsplit('.').next().ok_or("a token has parts")?;
    let client =
        quilt_tests::client::Client::connect(&stage.server.url, &token, quilt_tests::client::Era::Stateless)
            .await?;
    let bens = stage.client("ben").await?;
    let trouble = || Trouble::with(OPERATION).of_caller(&ada.subject);
    let echo = json!({"message": format!("cannot verify {token}\r\nforged: {signature}")}).to_string();
    let graphql =
        |message: &str| json!({"data": null, "errors": [{"message": message, "path": ["x"]}]}).to_string();
    for (what, trouble, code, said) in [
        ("401", trouble().answers(401, &echo), "credentials_unavailable", "does not accept your token"),
        ("403", trouble().answers(403, &echo), "access_denied", "does not allow it"),
        ("404", trouble().answers(404, ""), "unavailable", "not at the configured address"),
        ("429", trouble().answers(429, ""), "unavailable", "no time"),
        ("500", trouble().answers(500, &echo), "unavailable", "failed"),
        ("503", trouble().answers(503, "down"), "unavailable", "failed"),
        ("a web page", trouble().answers(200, "<!doctype html><html>log in"), "unavailable", "web page"),
        ("nonsense", trouble().answers(200, "{\"data\": 7}"), "unavailable", "makes no sense"),
        ("nothing", trouble().answers(200, ""), "unavailable", "makes no sense"),
        ("a part", trouble().answers(200, "{").cut(100), "unavailable", "does not answer"),
        (
            "too much",
            trouble().answers(200, "{").padded(17 << 20),
            "unavailable",
            "more than this server reads",
        ),
        (
            "a redirect",
            trouble().answers(307, "").header("Location", &format!("{}/graphql", elsewhere.origin())),
            "unavailable",
            "another address",
        ),
        ("GraphQL forbids", trouble().answers(200, &graphql("Forbidden")), "access_denied", "Forbidden"),
        ("GraphQL fails", trouble().answers(200, &graphql(&token)), "unavailable", "failed"),
    ] {
        let fault = registry.inject(&trouble).await?;
        let began = Instant::now();
        let answer = client.call("bucket_list", json!({})).await?;
        assert!(began.elapsed() < IN_TIME, "{what}: {:?}", began.elapsed());
        let everything = answer.everything();
        assert_eq!(answer.error_code(), Some(code), "{what}: {everything}");
        assert!(everything.contains(said), "{what}: {everything}");
        assert!(!everything.contains(signature), "{what}: the token is shown: {everything}");
        let other = bens.call("bucket_list", json!({})).await?;
        assert!(other.everything().contains(&ben.bucket), "{what}: {}", other.everything());
        assert!(fault.lift().await? > 0, "{what}: nobody met it");
    }
    assert!(elsewhere.asked().is_empty(), "a token followed a redirect");
    assert!(!stage.server.log.text().contains(signature), "the token is in the log");
    let after = client.call("bucket_list", json!({})).await?;
    assert!(after.everything().contains(&ada.bucket), "{}", after.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_registry_is_given_up_in_time_and_holds_nobody_up() -> Result<()> {
    let stage = stage("1s").await?;
    let (registry, ada, ben) = (Registry::shared()?, stage.person("ada"), stage.person("ben"));
    let silence = registry.inject(&Trouble::with(OPERATION).of_caller(&ada.subject).holds()).await?;
    let client = stage.client("ada").await?;
    let slow = tokio::spawn(async move {
        let began = Instant::now();
        client.call("bucket_list", json!({})).await.map(|answer| (answer, began.elapsed()))
    });
    silence.held(1).await?;
    let other = stage.client("ben").await?.call("bucket_list", json!({})).await?;
    assert!(other.everything().contains(&ben.bucket), "{}", other.everything());
    let (answer, took) = slow.await??;
    assert_eq!(answer.error_code(), Some("unavailable"), "{}", answer.everything());
    assert!(answer.everything().contains("in time"), "{}", answer.everything());
    assert!(took < IN_TIME, "{took:?}");
    silence.lift().await?;
    Ok(())
}

/// Something comes all the time, and would for minutes: it is the whole answer that has to be there in time.
#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_drips_is_given_up_in_time_and_holds_nobody_up() -> Result<()> {
    let stage = stage("2s").await?;
    let (registry, ada, ben) = (Registry::shared()?, stage.person("ada"), stage.person("ben"));
    let good = json!({"data": {"bucketConfigs": [], "padding": "x".repeat(600)}}).to_string();
    let drip = Trouble::with(OPERATION)
        .of_caller(&ada.subject)
        .answers(200, &good)
        .drips(Duration::from_millis(200));
    let fault = registry.inject(&drip).await?;
    let (adas, bens) = (stage.client("ada").await?, stage.client("ben").await?);
    let began = Instant::now();
    let (answer, other) =
        tokio::join!(adas.call("bucket_list", json!({})), bens.call("bucket_list", json!({})));
    let (answer, other) = (answer?, other?);
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
    assert_eq!(answer.error_code(), Some("unavailable"), "{}", answer.everything());
    assert!(answer.everything().contains("in time"), "{}", answer.everything());
    assert!(other.everything().contains(&ben.bucket), "{}", other.everything());
    assert_eq!(fault.lift().await?, 1, "what is late is not asked for again");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_reads_is_asked_again_when_the_registry_fails_in_passing() -> Result<()> {
    let stage = stage("30s").await?;
    let (registry, ada) = (Registry::shared()?, stage.person("ada"));
    for trouble in [
        Trouble::with(OPERATION).of_caller(&ada.subject).times(2).answers(503, ""),
        Trouble::with(OPERATION).of_caller(&ada.subject).times(1).answers(200, "").cut(10),
    ] {
        let fault = registry.inject(&trouble).await?;
        let answer = stage.client("ada").await?.call("bucket_list", json!({})).await?;
        assert!(answer.everything().contains(&ada.bucket), "{}", answer.everything());
        assert!(fault.lift().await? > 0);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_not_there_is_said_to_be_so() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    // Nobody listens on the first port.
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_REGISTRY_URL", "http://127.0.0.1:1");
    let stage = Stage::start(world, plan).await?;
    let answer = stage.client("ada").await?.call("bucket_list", json!({})).await?;
    assert_eq!(answer.error_code(), Some("unavailable"), "{}", answer.everything());
    let status = stage.client("ada").await?.call("auth_status", json!({})).await?;
    assert_eq!(status.structured["catalog_problem"], "the Quilt registry does not answer");
    assert_eq!(status.structured["status"], "authenticated", "AWS is asked all the same");
    Ok(())
}

/// One name among many that S3 would refuse: the rest is listed, and searched.
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_cannot_be_spoils_only_itself() -> Result<()> {
    let stage = stage("30s").await?;
    let (registry, ada) = (Registry::shared()?, stage.person("ada"));
    let client = stage.client("ada").await?;
    let whole = client.call("bucket_list", json!({})).await?;
    assert!(whole.structured.get("unusable").is_none(), "{}", whole.everything());
    let odd = format!("Not A Bucket! {}", "x".repeat(200));
    let sees = ada.account().who_sees(&[&ada.bucket, &odd]);
    registry.add_user(&stage.world.mint.issuer, &sees).await?;
    let answer = client.call("bucket_list", json!({})).await?;
    let listed = &answer.structured;
    assert_eq!(
        (&listed["count"], &listed["buckets"][0]["name"]),
        (&json!(1), &json!(ada.bucket)),
        "{listed}"
    );
    assert_eq!(listed["unusable"], json!([odd[..63]]), "{listed}");
    let search = client.call("search_catalog", json!({"query": "*"})).await?;
    assert_eq!(search.structured["buckets_searched"], 1, "{}", search.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_asks_for_a_wait_is_not_asked_before() -> Result<()> {
    let stage = stage("30s").await?;
    let (registry, ada) = (Registry::shared()?, stage.person("ada"));
    let client = stage.client("ada").await?;
    let busy = || Trouble::with(OPERATION).of_caller(&ada.subject).answers(429, "");
    let fault = registry.inject(&busy().times(1).header("Retry-After", "2")).await?;
    let mark = registry.mark().await?;
    let answer = client.call("bucket_list", json!({})).await?;
    assert!(answer.everything().contains(&ada.bucket), "{}", answer.everything());
    let asked = registry.asked_by(&stage.world.mint.issuer, mark).await?;
    assert_eq!((fault.lift().await?, asked.len()), (1, 2), "{asked:#?}");
    assert!(asked[1].time - asked[0].time >= 2.0, "{asked:#?}");
    // Longer than there is time: nobody waits for nothing, and nobody asks again.
    let fault = registry.inject(&busy().header("Retry-After", "3600")).await?;
    let answer = client.call("bucket_list", json!({})).await?;
    assert_eq!(answer.error_code(), Some("unavailable"), "{}", answer.everything());
    assert_eq!(fault.lift().await?, 1);
    Ok(())
}

/// What changes something is sent once, whatever comes back: nobody knows whether it was done.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_something_is_sent_once_whatever_comes_back() -> Result<()> {
    let registry = Registry::shared()?;
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?.administering(registry).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_REGISTRY_TIMEOUT", "5s");
    let stage = Stage::start(world, plan).await?;
    let (ada, client, token) = (stage.person("ada"), stage.client("ada").await?, stage.token("ada"));
    let (signature, elsewhere) = (token.rsplit('.').next().ok_or("parts")?, KeyServer::start().await?);
    let trouble = || Trouble::with("TabulatorOpenQuerySet").of_caller(&ada.subject);
    for (what, trouble) in [
        ("401", trouble().answers(401, &token)),
        ("403", trouble().answers(403, &token)),
        ("429", trouble().answers(429, "")),
        ("500", trouble().answers(500, &token)),
        ("503", trouble().answers(503, "").header("Retry-After", "1")),
        ("a web page", trouble().answers(200, "<html>log in")),
        ("nonsense", trouble().answers(200, "{\"data\": 7}")),
        ("a part", trouble().answers(200, "{").cut(100)),
        ("too much", trouble().answers(200, "{").padded(17 << 20)),
        (
            "a redirect",
            trouble().answers(307, "").header("Location", &format!("{}/graphql", elsewhere.origin())),
        ),
        ("silence", trouble().holds()),
    ] {
        let fault = registry.inject(&trouble).await?;
        let began = Instant::now();
        let answer = client.call("admin_tabulator_open_query_set", json!({"enabled": true})).await?;
        assert!(began.elapsed() < IN_TIME, "{what}: {:?}", began.elapsed());
        assert!(answer.is_error, "{what}: {}", answer.everything());
        assert!(!answer.everything().contains(signature), "{what}: {}", answer.everything());
        assert_eq!(fault.lift().await?, 1, "{what}: it was not sent exactly once");
    }
    assert!(elsewhere.asked().is_empty(), "a token followed a redirect");
    assert!(!stage.server.log.text().contains(signature), "the token is in the log");
    Ok(())
}
