//! Scopes, and how a client finds out which it needs.

use quilt_tests::Result;
use serde_json::{Value, json};

use super::{Scene, roles};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_what_its_scopes_say_and_is_told_what_it_lacks() -> Result<()> {
    let scene = Scene::with(|world| format!("scopes = true\n{}", roles(world)), |plan| plan).await?;
    let ada = scene.world.person("ada");
    let token = |scope: &str| {
        let mut claims = scene.issuer.claims(ada);
        claims.insert("scope".into(), json!(scope));
        scene.issuer.sign("ES256", &claims)
    };
    let read = ("bucket_object_text", json!({"s3_uri": ada.first_uri()}));
    let write =
        ("bucket_objects_put", json!({"bucket": ada.bucket, "items": [{"key": "from/scopes", "text": "x"}]}));
    let refused = |error: &quilt_tests::client::CallError| error.status().map(|status| status.as_u16());

    let reader = scene.client_with(&token("openid quilt:read")?).await?;
    assert!(reader.call(read.0, read.1.clone()).await?.everything().contains(&ada.canary));
    let error = reader.call(write.0, write.1.clone()).await.expect_err("it may only read");
    assert_eq!(refused(&error), Some(403), "{error}");
    assert!(error.to_string().contains("lacks the scope `quilt:write`"), "{error}");

    let writer = scene.client_with(&token("quilt:write")?).await?;
    assert!(writer.call(read.0, read.1.clone()).await?.everything().contains(&ada.canary));
    assert!(!writer.call(write.0, write.1.clone()).await?.is_error);

    let nothing = scene.client_with(&token("openid")?).await?;
    assert_eq!(refused(&nothing.call(read.0, read.1.clone()).await.expect_err("no scope")), Some(403));
    let without = scene.client("ES256", "ada").await?;
    assert_eq!(refused(&without.call(read.0, read.1).await.expect_err("no scope")), Some(403));

    let metrics = scene.server.metrics().await?;
    assert_eq!(metrics.with("quilt_mcp_auth_failures_total", "reason=\"insufficient_scope\""), 3.0);
    assert_eq!(metrics.sum("quilt_mcp_auth_failures_total"), 3.0);
    let told = scene.server.log.event("refused a message whose token lacks the scope for it").await?;
    assert_eq!((&told["needed"], &told["tenant"]), (&json!("quilt:write"), &json!(ada.tenant)), "{told}");
    assert_eq!(told["user"], ada.log_hash(&scene.issuer.issuer), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_a_token_is_led_to_the_issuer() -> Result<()> {
    let scene = Scene::with(|world| format!("scopes = true\n{}", roles(world)), |plan| plan).await?;
    let http = reqwest::Client::new();
    let refused = http.post(&scene.server.url).json(&json!({})).send().await?;
    assert_eq!(refused.status(), 401);
    let challenge = refused.headers()["www-authenticate"].to_str()?.to_owned();
    let (_, rest) = challenge.split_once("resource_metadata=\"").ok_or("the metadata is named")?;
    let metadata: Value =
        http.get(rest.trim_end_matches('"')).send().await?.error_for_status()?.json().await?;
    assert_eq!(metadata["resource"], scene.server.url);
    assert_eq!(metadata["authorization_servers"], json!([scene.issuer.issuer]));
    assert_eq!(metadata["scopes_supported"], json!(["quilt:read", "quilt:write", "quilt:admin"]));
    assert!(challenge.starts_with("Bearer scope=\"quilt:read\""), "{challenge}");
    Ok(())
}
