//! Two issuers with a registry each: when one registry is down, callers of the other do not notice.

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::registry::{Registry, Trouble};
use quilt_tests::server::Plan;
use quilt_tests::token::TokenMint;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

use crate::stage::Stage;

/// Ada's tokens are of the first issuer, whose registry is at `first`. Ben's are of another, with a registry of its own.
async fn stage_of_two_issuers(first: &str, second: &Registry) -> Result<(Stage, String)> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let mint = TokenMint::new(&format!("https://second.{}.test", world.id), "quilt-mcp");
    second.trust(&mint).await?;
    let ben = world.person("ben");
    second.add_user(&mint.issuer, &ben.account()).await?;
    let token = mint.good(ben);
    let plan = Plan::multi_tenant(&world)?
        .set("QUILT_MCP_REGISTRY_URL", first)
        .set("QUILT_MCP_REGISTRY_TIMEOUT", "20s");
    let secret = plan.write("second-secret", mint.secret())?;
    let roles: Vec<String> = world.allowed_roles().split(',').map(String::from).collect();
    let table = format!(
        "[[issuer]]\nissuer = {:?}\naudience = {:?}\nsecret_file = {secret:?}\nregistry_url = {:?}\n\
         allowed_roles = {roles:?}\n",
        mint.issuer,
        mint.audience,
        second.origin()
    );
    let plan = plan.file(&table)?;
    Ok((Stage::start(world, plan).await?, token))
}

/// Ben asks his registry for all that it is asked for, and gets it.
async fn ben_is_served(stage: &Stage, token: &str) -> Result<()> {
    let ben = stage.person("ben");
    let client = Client::connect(&stage.server.url, token, Era::Stateless).await?;
    let buckets = client.call("bucket_list", json!({})).await?;
    assert_eq!(buckets.structured["buckets"][0]["name"], ben.bucket.as_str(), "{}", buckets.everything());
    let status = client.call("auth_status", json!({})).await?;
    assert_eq!(status.structured["catalog_user"]["name"], ben.subject.as_str(), "{}", status.everything());
    let found = client.call("search_catalog", json!({"query": "*"})).await?;
    assert_eq!(found.structured["buckets_searched"], 1, "{}", found.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_of_another_registry_do_not_notice_that_one_is_gone() -> Result<()> {
    let second = Registry::start()?;
    // Nobody listens on the first port.
    let (stage, token) = stage_of_two_issuers("http://127.0.0.1:1", &second).await?;
    let ada = stage.client("ada").await?;
    let down = ada.call("bucket_list", json!({})).await?;
    assert_eq!(down.error_code(), Some("unavailable"), "{}", down.everything());
    ben_is_served(&stage, &token).await?;
    let down = ada.call("bucket_list", json!({})).await?;
    assert_eq!(down.error_code(), Some("unavailable"), "{}", down.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_of_another_registry_do_not_wait_for_one_that_is_silent() -> Result<()> {
    let (first, second) = (Registry::start()?, Registry::start()?);
    let (stage, token) = stage_of_two_issuers(first.origin(), &second).await?;
    first.trust(&stage.world.mint).await?;
    first.add_user(&stage.world.mint.issuer, &stage.person("ada").account()).await?;
    let silence = first.inject(&Trouble::with("*").holds()).await?;
    let client = stage.client("ada").await?;
    let (waiting, served) = tokio::join!(client.call("bucket_list", json!({})), async {
        silence.held(1).await?;
        // While ada's call is under way; only then is it answered.
        ben_is_served(&stage, &token).await?;
        silence.lift().await
    });
    served?;
    let answer = waiting?;
    assert!(answer.everything().contains(&stage.person("ada").bucket), "{}", answer.everything());
    // Each registry was shown the tokens of its own issuer, and no others.
    for (registry, issuer) in [
        (&first, stage.world.mint.issuer.clone()),
        (&second, format!("https://second.{}.test", stage.world.id)),
    ] {
        let asked = registry.since(registry.start_of_record()).await?;
        assert!(!asked.is_empty());
        assert!(asked.iter().all(|asked| asked.issuer.as_ref() == Some(&issuer)), "{asked:#?}");
    }
    Ok(())
}
