//! What the catalog publishes of its stack: for everybody, without a token, fetched once.

use futures_util::future::try_join_all;
use quilt_tests::Result;
use quilt_tests::registry::{Registry, Trouble};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
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
        Trouble::with("config.json").answers(302, "").header("Location", "http://127.0.0.1:1/config.json"),
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
