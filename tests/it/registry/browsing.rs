//! Sessions in which the registry lets a caller look into a package: each is the caller's own, and ends with the request.

use quilt_tests::Result;
use quilt_tests::client::Answer;
use quilt_tests::key_server::KeyServer;
use quilt_tests::registry::{Registry, Trouble};
use quilt_tests::server::Plan;
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben_with_packages};
use serde_json::{Value, json};

use crate::stage::{Stage, all_scopes_closed};
use crate::tools::{fill_at_registry, link_of_registry};

const FILE: &str = "notes/note-2.txt";

/// A look at a file. The operations of GraphQL and the cookie have other names.
const LOOK: &str = "browse/*/*";

/// Two people with packages and accounts.
async fn stage() -> Result<Stage> {
    let registry = Registry::shared()?;
    let world =
        World::of(ada_and_ben_with_packages(), ServerRights::OnlyExchange).await?.at(registry).await?;
    for person in &world.people {
        fill_at_registry(registry, &world.mint.issuer, person).await?;
    }
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_REGISTRY_TIMEOUT", "5s");
    Stage::start(world, plan).await
}

fn file(person: &Person, key: &str) -> Value {
    json!({"package_name": person.package().name, "registry": person.bucket, "logical_key": key})
}

async fn link(stage: &Stage, key: &str) -> Result<Answer> {
    Ok(stage.client("ada").await?.call("package_file_link", file(stage.person("ada"), key)).await?)
}

/// The sessions that are open at the registry: whose, and for what.
async fn open(stage: &Stage) -> Result<Value> {
    Ok(Registry::shared()?.state(&stage.world.mint.issuer).await?["sessions"].take())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_opened_for_the_caller_and_ended_before_the_answer() -> Result<()> {
    let stage = stage().await?;
    let (registry, ada, ben) = (Registry::shared()?, stage.person("ada"), stage.person("ben"));
    let mark = registry.mark().await?;
    let answer = link(&stage, FILE).await?;
    assert_eq!(answer.structured["signed_url"], link_of_registry(ada, FILE), "{}", answer.everything());
    assert_eq!(answer.structured["top_hash"], ada.package().latest, "{}", answer.everything());
    let asked = registry.asked_by(&stage.world.mint.issuer, mark).await?;
    let names: Vec<&str> = asked
        .iter()
        .map(|asked| if asked.operation.ends_with(FILE) { "the file" } else { asked.operation.as_str() })
        .collect();
    assert_eq!(
        names,
        ["BrowsingSessionCreate", "browse/set_browse_cookie", "the file", "BrowsingSessionDispose"],
        "{asked:#?}"
    );
    assert!(asked.iter().all(|asked| asked.subject.as_ref() == Some(&ada.subject)), "{asked:#?}");
    assert_eq!(open(&stage).await?, json!([]));
    // What is another's is refused by S3 before the registry is asked, and by the registry if S3 does not have to be.
    let client = stage.client("ada").await?;
    let mut foreign = file(ben, FILE);
    assert_eq!(client.call("package_file_link", foreign.clone()).await?.error_code(), Some("access_denied"));
    foreign["top_hash"] = json!(ben.package().latest);
    let refused = client.call("package_file_link", foreign).await?;
    assert_eq!(refused.error_code(), Some("not_found"), "{}", refused.everything());
    assert!(!refused.everything().contains("X-Amz-"), "{}", refused.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_whatever_becomes_of_the_look() -> Result<()> {
    let stage = stage().await?;
    let (registry, ada) = (Registry::shared()?, stage.person("ada"));
    let elsewhere = KeyServer::start().await?;
    let token = stage.token("ada");
    let signature = token.rsplit('.').next().ok_or("a token has parts")?;
    let look = || Trouble::with(LOOK).of_caller(&ada.subject);
    let away = format!("{}/login?X-Amz-Signature=0f", elsewhere.origin());
    for (what, trouble, code) in [
        ("401", look().answers(401, &token), "credentials_unavailable"),
        ("403", look().answers(403, &token), "access_denied"),
        ("404", look().answers(404, ""), "not_found"),
        ("500", look().answers(500, &token), "unavailable"),
        ("the file itself", look().answers(200, &ada.canary), "unsupported"),
        ("a redirect to nowhere", look().answers(302, ""), "unavailable"),
        (
            "a page where one logs in",
            look().answers(302, "").header("Location", "https://c.example/login"),
            "unavailable",
        ),
        ("a redirect to a watched host", look().answers(302, "").header("Location", &away), "unavailable"),
        ("silence", look().holds(), "unavailable"),
        (
            "no cookie",
            Trouble::with("browse/set_browse_cookie").of_caller(&ada.subject).answers(200, ""),
            "unavailable",
        ),
        (
            "a cookie refused",
            Trouble::with("browse/set_browse_cookie").of_caller(&ada.subject).answers(403, ""),
            "access_denied",
        ),
    ] {
        let fault = registry.inject(&trouble).await?;
        let answer = link(&stage, FILE).await?;
        assert!(fault.lift().await? > 0, "{what}: nobody met it");
        assert_eq!(answer.error_code(), Some(code), "{what}: {}", answer.everything());
        assert!(!answer.everything().contains(signature), "{what}: {}", answer.everything());
        assert!(!answer.everything().contains(&ada.canary), "{what}: {}", answer.everything());
        assert_eq!(open(&stage).await?, json!([]), "{what}");
    }
    assert!(elsewhere.asked().is_empty(), "{:?}", elsewhere.asked());
    let missing = link(&stage, "no/such.txt").await?;
    assert_eq!(missing.error_code(), Some("not_found"), "{}", missing.everything());
    assert_eq!(open(&stage).await?, json!([]));
    assert!(!stage.server.log.text().contains(signature), "the token is in the log");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_of_a_caller_who_goes_away_ends() -> Result<()> {
    let stage = stage().await?;
    let (registry, ada, client) = (Registry::shared()?, stage.person("ada"), stage.client("ada").await?);
    let fault = registry.inject(&Trouble::with(LOOK).of_caller(&ada.subject).holds()).await?;
    tokio::select! {
        answer = client.call("package_file_link", file(ada, FILE)) => {
            return Err(format!("it was answered: {answer:?}").into());
        }
        held = fault.held(1) => held?,
    }
    all_scopes_closed(&stage.server, 1).await?;
    assert_eq!(open(&stage).await?, json!([]));
    fault.lift().await?;
    Ok(())
}

/// The twin: a registry that does not get to know that a session is over, as if the server had kept it.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_ended_is_seen() -> Result<()> {
    let stage = stage().await?;
    let (registry, ada) = (Registry::shared()?, stage.person("ada"));
    let lost = Trouble::with("BrowsingSessionDispose").of_caller(&ada.subject).answers(500, "");
    let fault = registry.inject(&lost).await?;
    let answer = link(&stage, FILE).await?;
    assert_eq!(fault.lift().await?, 1, "it is sent once");
    // The caller has what they asked for; the operator is told the rest.
    assert_eq!(answer.structured["signed_url"], link_of_registry(ada, FILE), "{}", answer.everything());
    assert_eq!(open(&stage).await?[0][0], ada.subject.as_str());
    assert!(stage.server.log.text().contains("could not be ended"), "nobody was told");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_browsable_is_not_looked_into() -> Result<()> {
    let stage = stage().await?;
    let (registry, ada) = (Registry::shared()?, stage.person("ada"));
    let issuer = &stage.world.mint.issuer;
    registry.tell_of(issuer, "bucket", json!({"name": ada.bucket, "browsable": false})).await?;
    let mark = registry.mark().await?;
    let refused = link(&stage, FILE).await?;
    assert_eq!(refused.error_code(), Some("invalid_state"), "{}", refused.everything());
    assert!(refused.everything().contains("not browsable"), "{}", refused.everything());
    let asked = registry.asked_by(issuer, mark).await?;
    assert_eq!(asked.len(), 1, "there is nothing to look at, and nothing to end: {asked:#?}");
    // Who has no registry is told so.
    let world = World::of(ada_and_ben_with_packages(), ServerRights::OnlyExchange).await?;
    let without = Stage::start_in(world).await?;
    let unsupported = link(&without, FILE).await?;
    assert_eq!(unsupported.error_code(), Some("unsupported"), "{}", unsupported.everything());
    Ok(())
}
