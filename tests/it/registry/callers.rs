//! Whose token the registry is shown.

use std::path::Path;

use futures_util::future::try_join_all;
use quilt_tests::Result;
use quilt_tests::client::python::{Script, answer};
use quilt_tests::client::{Client, Era};
use quilt_tests::judge::{Findings, Violation, assert_caught, assert_clean};
use quilt_tests::registry::{Registry, Trouble};
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

use super::{asked_by, crowd, stage};
use crate::stage::Stage;

const CALLERS: usize = 20;
const ROUNDS: usize = 3;

/// Everybody asks at once, several times, each with a token of their own. The registry must have been shown that token for that
/// caller and no other, and each answer must be of its caller.
async fn each_is_shown_as_themselves(world: &World, server: &Server) -> Result<Vec<Violation>> {
    let registry = world.registry.ok_or("this world is at a registry")?;
    let mark = registry.mark().await?;
    let tokens: Vec<String> = world.people.iter().map(|person| world.token(person)).collect();
    let calls = world.people.iter().zip(&tokens).map(|(person, token)| async move {
        let client = Client::connect(&server.url, token, Era::Stateless).await?;
        let mut answers = Vec::new();
        for _ in 0..ROUNDS {
            answers.push((person, client.call("bucket_list", json!({})).await?));
            answers.push((person, client.call("auth_status", json!({})).await?));
        }
        Ok::<_, quilt_tests::Trouble>(answers)
    });
    let mut findings = Findings::default();
    for (person, answer) in try_join_all(calls).await?.into_iter().flatten() {
        let everything = answer.everything();
        let own = if answer.structured.get("buckets").is_some() { &person.bucket } else { &person.subject };
        if !everything.contains(own.as_str()) {
            findings.add(format!("{} does not see what is theirs: {everything}", person.subject));
        }
        for other in world.people.iter().filter(|other| other.subject != person.subject) {
            if everything.contains(&format!("{}\"", other.bucket))
                || everything.contains(&format!("{}\"", other.subject))
            {
                findings.add(format!("{} sees what is of {}: {everything}", person.subject, other.subject));
            }
        }
    }
    let bearers: Vec<_> = world.people.iter().zip(tokens.iter().map(String::as_str)).collect();
    let times = asked_by(&bearers, registry, &world.mint.issuer, mark, &mut findings).await?;
    for person in &world.people {
        let times: usize =
            times.iter().filter(|((subject, _), _)| *subject == person.subject).map(|(_, times)| times).sum();
        if times != 2 * ROUNDS {
            findings.add(format!("the registry was asked {times} times for {}", person.subject));
        }
    }
    Ok(findings.all())
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_callers_at_once_are_each_shown_as_themselves() -> Result<()> {
    let world = crowd(CALLERS).await?;
    let server = Plan::multi_tenant(&world)?.start().await?;
    assert_clean("twenty callers", &each_is_shown_as_themselves(&world, &server).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_for_the_whole_process_is_caught() -> Result<()> {
    let world = crowd(4).await?;
    let twin = Path::new(env!("CARGO_BIN_EXE_twin"));
    let sound = Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", "none").start().await?;
    assert_clean("the sound twin", &each_is_shown_as_themselves(&world, &sound).await?);
    let shared = Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", "session").start().await?;
    let found = each_is_shown_as_themselves(&world, &shared).await?;
    let words = ["sees what is of", "does not see what is theirs", "the registry was asked 0 times"];
    assert_caught("one session", &found, &words);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_registry_asks_none() -> Result<()> {
    let registry = Registry::shared()?;
    // The registry would know them; the server's configuration does not send them there.
    let mut world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?.at(registry).await?;
    world.registry = None;
    let stage = Stage::start_in(world).await?;
    let mark = registry.mark().await?;
    let client = stage.client("ada").await?;
    let buckets = client.call("bucket_list", json!({})).await?;
    assert_eq!(buckets.structured["source"], "s3", "{}", buckets.everything());
    let status = client.call("auth_status", json!({})).await?;
    assert!(status.structured.get("catalog_user").is_none(), "{}", status.everything());
    assert!(registry.asked_by(&stage.world.mint.issuer, mark).await?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_registry_says_of_somebody_is_not_remembered() -> Result<()> {
    let stage = stage("30s").await?;
    let registry = Registry::shared()?;
    let ada = stage.person("ada");
    let client = stage.client("ada").await?;
    let known = client.call("auth_status", json!({})).await?;
    assert_eq!(known.structured["catalog_user"]["name"], ada.subject.as_str(), "{}", known.everything());
    assert_eq!(known.structured["catalog_user"]["is_admin"], false);
    registry.add_user(&stage.world.mint.issuer, &ada.account().who_administers()).await?;
    let promoted = client.call("auth_status", json!({})).await?;
    assert_eq!(promoted.structured["catalog_user"]["is_admin"], true, "nothing is remembered");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_the_registry_does_not_know_is_told_so() -> Result<()> {
    let stage = stage("30s").await?;
    let (registry, ada) = (Registry::shared()?, stage.person("ada"));
    let unknown = Trouble::with("Me").of_caller(&ada.subject).answers(200, r#"{"data": {"me": null}}"#);
    let fault = registry.inject(&unknown).await?;
    let status = stage.client("ada").await?.call("auth_status", json!({})).await?;
    assert!(status.structured.get("catalog_user").is_none(), "{}", status.everything());
    assert_eq!(status.structured["catalog_problem"], "the Quilt registry does not know you");
    assert!(fault.lift().await? > 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_asks_with_the_token_in_their_file() -> Result<()> {
    let registry = Registry::shared()?;
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?.at(registry).await?;
    let (ada, ben) = (world.person("ada"), world.person("ben"));
    let plan = Plan::single_user(&world, &world.key_of(ada).await?)?;
    let file = plan.write("registry-token", &world.token(ada))?;
    let plan =
        plan.set("QUILT_MCP_REGISTRY_URL", registry.origin()).set("QUILT_MCP_REGISTRY_TOKEN_FILE", &file);
    let mark = registry.mark().await?;
    let outcomes = Script::new().over_stdio("me", &plan).call("me", "bucket_list", &json!({})).play().await?;
    let buckets = answer(outcomes.into_iter().next().ok_or("one outcome")?)?;
    assert_eq!(buckets.structured["buckets"][0]["name"], ada.bucket.as_str(), "{}", buckets.everything());
    // Whoever renews the token writes it there.
    plan.write("registry-token", &world.token(ben))?;
    let outcomes = Script::new().over_stdio("me", &plan).call("me", "bucket_list", &json!({})).play().await?;
    let buckets = answer(outcomes.into_iter().next().ok_or("one outcome")?)?;
    assert_eq!(buckets.structured["buckets"][0]["name"], ben.bucket.as_str(), "{}", buckets.everything());
    assert_eq!(registry.asked_by(&world.mint.issuer, mark).await?.len(), 2);
    Ok(())
}
