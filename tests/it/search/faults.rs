//! An index that fails is not one that holds nothing.

use std::time::Instant;

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::key_server::KeyServer;
use quilt_tests::registry::Trouble;
use serde_json::json;

use super::{index, search, stage};
use crate::stage::{IN_TIME, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_an_error_for_who_meets_it_and_for_nobody_else() -> Result<()> {
    let (stage, registry) = stage().await?;
    let (ada, ben) = (stage.person("ada"), stage.person("ben"));
    index(&stage.world, registry, &ben.bucket, vec![json!({"key": "a.txt", "size": 1})]).await?;
    let (token, elsewhere) = (stage.token("ada"), KeyServer::start().await?);
    let signature = token.rsplit('.').next().ok_or("a token has parts")?;
    let echo = json!({"message": format!("cannot verify {token}\r\nforged: {signature}")}).to_string();
    let client = Client::connect(&stage.server.url, &token, Era::Stateless).await?;
    let bens = stage.client("ben").await?;
    let trouble = || Trouble::with("api/search").of_caller(&ada.subject);
    let away = format!("{}/api/search", elsewhere.origin());
    for (what, trouble, code) in [
        ("401", trouble().answers(401, &echo), "credentials_unavailable"),
        ("403 for all", trouble().answers(403, &echo), "access_denied"),
        ("500", trouble().answers(500, &echo), "unavailable"),
        ("an error with 200", trouble().answers(200, r#"{"error": "all shards failed"}"#), "unavailable"),
        ("a web page", trouble().answers(200, "<html>log in"), "unavailable"),
        ("nonsense", trouble().answers(200, "[7]"), "unavailable"),
        ("too much", trouble().answers(200, "{").padded(17 << 20), "unavailable"),
        ("a redirect", trouble().answers(302, "").header("Location", &away), "unavailable"),
        (
            "a redirect that keeps the method",
            trouble().answers(307, "").header("Location", &away),
            "unavailable",
        ),
    ] {
        let fault = registry.inject(&trouble).await?;
        let (mark, began) = (registry.mark().await?, Instant::now());
        let answer = search(&client, json!({"query": "x"})).await?;
        assert!(began.elapsed() < IN_TIME, "{what}: {:?}", began.elapsed());
        // In the middle of a request: the registry had said before which buckets there are.
        let asked = registry.asked_by(&stage.world.mint.issuer, mark).await?;
        let first = asked.first().map(|asked| asked.operation.as_str());
        assert_eq!(first, Some("BucketConfigs"), "{what}: {asked:#?}");
        assert!(!answer.everything().contains(signature), "{what}: {}", answer.everything());
        assert_eq!(answer.error_code(), Some(code), "{what}: {}", answer.everything());
        let other = search(&bens, json!({"query": "*"})).await?;
        assert_eq!(other.structured["total_results"], 1, "{what}: {}", other.everything());
        assert!(fault.lift().await? > 0, "{what}: nobody met it");
    }
    assert!(elsewhere.asked().is_empty(), "a token followed a redirect");
    assert!(!stage.server.log.text().contains(signature), "the token is in the log");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hits_of_an_index_that_was_not_asked_are_not_shown() -> Result<()> {
    let (stage, registry) = stage().await?;
    let (ada, ben) = (stage.person("ada"), stage.person("ben"));
    let hit =
        |index: &str, key: &str| json!({"_index": index, "_id": key, "_score": 1.0, "_source": {"key": key}});
    let answer = json!({"hits": {"total": {"value": 3, "relation": "gte"}, "hits": [
        hit(&ada.bucket, "mine"), hit(&ben.bucket, &ben.canary), {"_index": ada.bucket, "_id": "odd", "_source": {}},
    ]}});
    let trouble = Trouble::with("api/search").of_caller(&ada.subject).answers(200, &answer.to_string());
    let fault = registry.inject(&trouble).await?;
    let found = search(&stage.client("ada").await?, json!({"query": "x"})).await?;
    assert!(!found.everything().contains(&ben.canary), "{}", found.everything());
    assert_eq!(super::names(&found), ["mine"]);
    assert_eq!(
        (&found.structured["unreadable_results"], &found.structured["total_is_exact"]),
        (&json!(2), &json!(false))
    );
    fault.lift().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_registry_is_told_so() -> Result<()> {
    let stage = Stage::of_two().await?;
    let client = stage.client("ada").await?;
    for arguments in [json!({"query": "x"}), json!({"query": "x", "bucket": stage.person("ada").bucket})] {
        let answer = search(&client, arguments).await?;
        assert_eq!(answer.error_code(), Some("unsupported"), "{}", answer.everything());
    }
    let explained = client.call("search_explain", json!({"query": "x"})).await?;
    assert_eq!(explained.structured.get("indices"), None, "nobody says which: {}", explained.everything());
    Ok(())
}
