//! Tokens: what is taken, and what is not.

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::token::now;
use reqwest::StatusCode;
use serde_json::json;

use crate::isolation::bad_tokens;
use crate::stage::Stage;

/// Calls with a token. The status if HTTP refuses, the error code if the tool does, `None` if it works.
async fn refusal(stage: &Stage, token: Option<&str>) -> Option<String> {
    let client = Client::unconnected(reqwest::Client::new(), &stage.server.url, token, Era::Stateless);
    match client.call("bucket_object_text", json!({"s3_uri": stage.person("ada").first_uri()})).await {
        Ok(answer) if answer.is_error => {
            Some(answer.error_code().unwrap_or("an error without a code").to_owned())
        }
        Ok(_) => None,
        Err(error) => {
            Some(error.status().map_or_else(|| error.to_string(), |status| status.as_u16().to_string()))
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_whole_and_current_token_of_our_issuer_for_us_is_taken() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (world, ada) = (&stage.world, stage.person("ada"));
    let mint = &world.mint;
    let mut bad = bad_tokens(world, ada, stage.person("ben"));
    bad.push((
        "a token for another audience",
        Some(mint.claims(ada).with("aud", json!("somewhere-else")).signed()),
    ));
    bad.push((
        "a token of another issuer",
        Some(mint.claims(ada).with("iss", json!("https://other.test")).signed()),
    ));
    bad.push((
        "a token that is not valid yet",
        Some(mint.claims(ada).with("nbf", json!(now() + 3600)).signed()),
    ));
    bad.push(("a token with an empty subject", Some(mint.claims(ada).with("sub", json!("")).signed())));
    bad.push((
        "a tenant that is a path",
        Some(mint.claims(ada).with("tenant", json!("zeta/../acme")).signed()),
    ));
    for claim in ["iss", "aud", "sub", "exp", "tenant"] {
        bad.push(("a token that lacks a claim", Some(mint.claims(ada).without(claim).signed())));
    }
    let mark = world.substrate.mark().await?;
    for (what, token) in &bad {
        let refused = refusal(&stage, token.as_deref()).await;
        assert_eq!(refused.as_deref(), Some("401"), "{what}");
    }
    let asked: Vec<_> =
        world.substrate.since(mark).await?.into_iter().filter(|entry| world.owns(entry)).collect();
    assert!(asked.is_empty(), "bad tokens led to requests at the endpoint: {asked:#?}");
    assert_eq!(refusal(&stage, Some(&stage.token("ada"))).await, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_another_tenant_is_not_even_asked_for() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (world, ada, ben) = (&stage.world, stage.person("ada"), stage.person("ben"));
    let mark = world.substrate.mark().await?;
    for role in [json!(ada.role_arn), json!("arn:aws:iam::123456789012:role/anything"), json!("*"), json!("")]
    {
        let token = world.mint.claims(ben).with("role_arn", role.clone()).signed();
        assert!(refusal(&stage, Some(&token)).await.is_some(), "ben was given {role}");
    }
    assert!(refusal(&stage, Some(&world.mint.claims(ada).without("role_arn").signed())).await.is_some());
    let asked: Vec<_> =
        world.substrate.since(mark).await?.into_iter().filter(|entry| world.owns(entry)).collect();
    assert!(asked.is_empty(), "{asked:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_how_to_ask() -> Result<()> {
    let stage = Stage::of_two().await?;
    let response = reqwest::Client::new().post(&stage.server.url).json(&json!({})).send().await?;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let challenge =
        response.headers().get("www-authenticate").and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(challenge.starts_with("Bearer"), "{challenge}");
    Ok(())
}
