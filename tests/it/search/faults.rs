//! An index that fails is not one that holds nothing.

use quilt_tests::Result;
use quilt_tests::registry::Trouble;
use serde_json::json;

use super::{index, search, stage};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_an_error_for_who_meets_it_and_for_nobody_else() -> Result<()> {
    let (stage, registry) = stage().await?;
    let (ada, ben) = (stage.person("ada"), stage.person("ben"));
    index(&stage.world, registry, &ben.bucket, vec![json!({"key": "a.txt", "size": 1})]).await?;
    let (client, bens) = (stage.client("ada").await?, stage.client("ben").await?);
    let trouble = || Trouble::with("api/search").of_caller(&ada.subject);
    for (what, trouble, code) in [
        ("401", trouble().answers(401, ""), "credentials_unavailable"),
        ("403 for all", trouble().answers(403, ""), "access_denied"),
        ("500", trouble().answers(500, ""), "unavailable"),
        ("an error with 200", trouble().answers(200, r#"{"error": "all shards failed"}"#), "unavailable"),
        ("a web page", trouble().answers(200, "<html>log in"), "unavailable"),
        ("nonsense", trouble().answers(200, "[7]"), "unavailable"),
        ("too much", trouble().answers(200, "{").padded(17 << 20), "unavailable"),
        ("a redirect", trouble().answers(302, "").header("Location", "http://127.0.0.1:1/"), "unavailable"),
    ] {
        let fault = registry.inject(&trouble).await?;
        let answer = search(&client, json!({"query": "x"})).await?;
        assert_eq!(answer.error_code(), Some(code), "{what}: {}", answer.everything());
        let other = search(&bens, json!({"query": "*"})).await?;
        assert_eq!(other.structured["total_results"], 1, "{what}: {}", other.everything());
        assert!(fault.lift().await? > 0, "{what}: nobody met it");
    }
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
