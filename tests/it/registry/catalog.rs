//! What the catalog publishes of its stack: for everybody, without a token, fetched once.

use futures_util::future::try_join_all;
use quilt_tests::Result;
use quilt_tests::key_server::KeyServer;
use quilt_tests::registry::{Registry, Trouble};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, TABULATOR, World, ada_and_ben};
use serde_json::json;

use crate::stage::Stage;

/// A server whose catalog is a registry of the test's own, since `config.json` is the same for all.
async fn stage(catalog: &Registry) -> Result<Stage> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?.at(Registry::shared()?).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_CATALOG_URL", catalog.origin());
    Stage::start(world, plan).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stack_is_told_and_fetched_once_without_a_token() -> Result<()> {
    let (catalog, registry) = (Registry::start()?, Registry::shared()?);
    catalog.publish(&json!({"registryUrl": registry.origin(), "region": "eu-west-1"})).await?;
    let stage = stage(&catalog).await?;
    let ask = |name| {
        let stage = &stage;
        async move {
            Ok::<_, quilt_tests::Trouble>(stage.client(name).await?.call("catalog_info", json!({})).await?)
        }
    };
    for answer in try_join_all(["ada", "ben", "ada", "ben"].map(ask)).await? {
        let told = &answer.structured;
        assert_eq!(told["stack"]["region"], "eu-west-1", "{}", answer.everything());
        assert_eq!(told["stack"]["tabulator_data_catalog"], "quilt-test-stack-tabulator");
        assert_eq!(
            (&told["registry_url"], &told["stack"]["registry_url"]),
            (&json!(registry.origin()), &json!(registry.origin()))
        );
        assert!(told.get("problem").is_none(), "{}", answer.everything());
    }
    let asked: Vec<_> = catalog.since(catalog.start_of_record()).await?;
    assert_eq!(asked.len(), 1, "{asked:#?}");
    assert_eq!((asked[0].operation.as_str(), &asked[0].token_sha256), ("config.json", &None));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_of_another_stack_is_named_and_gets_no_token() -> Result<()> {
    let (catalog, elsewhere) = (Registry::start()?, Registry::start()?);
    catalog.publish(&json!({"registryUrl": elsewhere.origin()})).await?;
    let stage = stage(&catalog).await?;
    let client = stage.client("ada").await?;
    let answer = client.call("catalog_info", json!({})).await?;
    let problem = answer.structured["problem"].as_str().unwrap_or_default();
    assert!(problem.contains(elsewhere.origin()), "{}", answer.everything());
    let buckets = client.call("bucket_list", json!({})).await?;
    assert!(buckets.everything().contains(&stage.person("ada").bucket), "{}", buckets.everything());
    assert!(
        elsewhere.since(elsewhere.start_of_record()).await?.is_empty(),
        "what a catalog says is no reason to go there"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_that_fails_is_no_reason_to_fail() -> Result<()> {
    for trouble in [
        Trouble::with("config.json").answers(500, ""),
        Trouble::with("config.json").answers(200, "<html>"),
        Trouble::with("config.json").answers(200, "{").padded(300 << 10),
    ] {
        let catalog = Registry::start()?;
        let stage = stage(&catalog).await?;
        let fault = catalog.inject(&trouble).await?;
        for name in ["ada", "ben"] {
            let answer = stage.client(name).await?.call("catalog_info", json!({})).await?;
            assert_eq!(answer.structured["status"], "configured", "{}", answer.everything());
            let problem = answer.structured["problem"].as_str().unwrap_or_default();
            assert!(problem.contains("does not say what its stack is"), "{}", answer.everything());
        }
        assert_eq!(fault.lift().await?, 1, "a failure counts for a while: {trouble:?}");
    }
    Ok(())
}

/// A redirect of `config.json` is a failure like others: whoever it names is not asked.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_whom_a_redirect_of_the_catalog_names() -> Result<()> {
    let elsewhere = KeyServer::start().await?;
    let tempting = json!({
        "registryUrl": elsewhere.origin(), "region": "elsewhere-1", "apiGatewayEndpoint": elsewhere.origin(),
        "analyticsBucket": "elsewhere-analyticsbucket",
    });
    elsewhere.answers(200, &tempting.to_string());
    for status in [301, 302, 307, 308] {
        let catalog = Registry::start()?;
        let stage = stage(&catalog).await?;
        let away = format!("{}/config.json", elsewhere.origin());
        let redirect = Trouble::with("config.json").answers(status, "").header("Location", &away);
        let fault = catalog.inject(&redirect).await?;
        let answer = stage.client("ada").await?.call("catalog_info", json!({})).await?;
        let problem = answer.structured["problem"].as_str().unwrap_or_default();
        assert!(problem.contains("does not say what its stack is"), "{status}: {}", answer.everything());
        assert!(!answer.everything().contains("elsewhere-1"), "{status}: {}", answer.everything());
        assert_eq!(fault.lift().await?, 1, "{status}");
    }
    assert!(elsewhere.asked().is_empty(), "{:?}", elsewhere.asked());
    Ok(())
}

/// Where the operator names no data catalog of the Tabulator, it follows from what the catalog publishes.
#[tokio::test(flavor = "multi_thread")]
async fn the_tabulators_data_catalog_follows_from_what_the_catalog_publishes() -> Result<()> {
    let catalog = Registry::start()?;
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let stack = TABULATOR.strip_prefix("quilt-").and_then(|name| name.strip_suffix("-tabulator"));
    let bucket = format!("{}-AnalyticsBucket-1x2y3z", stack.ok_or("a stack's name")?);
    catalog.publish(&json!({"analyticsBucket": bucket})).await?;
    let plan = Plan::multi_tenant(&world)?.unset("QUILT_MCP_TABULATOR_CATALOG");
    let query = |bucket: &str| json!({"bucket_name": bucket, "query": "SELECT name FROM packages"});

    let knowing = Stage::start(world, plan.clone().set("QUILT_MCP_CATALOG_URL", catalog.origin())).await?;
    for (asker, other) in [("ada", "ben"), ("ben", "ada")] {
        let (person, client) = (knowing.person(asker), knowing.client(asker).await?);
        let listed = client.call("tabulator_buckets_list", json!({})).await?;
        assert_eq!(listed.structured["data_catalog_name"], TABULATOR, "{}", listed.everything());
        assert_eq!(listed.structured["buckets"], json!([person.bucket]), "{}", listed.everything());
        let own = client.call("tabulator_bucket_query", query(&person.bucket)).await?;
        assert_eq!(
            own.structured["formatted_data"],
            json!([{"name": person.canary}]),
            "{}",
            own.everything()
        );
        let foreign = client.call("tabulator_bucket_query", query(&knowing.person(other).bucket)).await?;
        assert_eq!(foreign.error_code(), Some("access_denied"), "{}", foreign.everything());
    }
    // Nobody says what it is called: then there is none.
    let unknowing = Stage::start(knowing.world, plan).await?;
    let ada = unknowing.person("ada");
    let none = unknowing.client("ada").await?.call("tabulator_bucket_query", query(&ada.bucket)).await?;
    assert_eq!(none.error_code(), Some("unsupported"), "{}", none.everything());
    Ok(())
}
