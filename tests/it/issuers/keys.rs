//! Keys that come and go, and issuers that do not answer.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use quilt_tests::Result;
use quilt_tests::issuer::SigningKey;
use serde_json::{Value, json};

use super::{Scene, roles};
use crate::stage::metrics_when;

/// How many tokens name keys that nobody has.
const MADE_UP: usize = 10_000;

/// A token that names a key which nobody has.
fn of_unknown_key(scene: &Scene, number: usize) -> Result<String> {
    let key = scene.issuer.key("EdDSA");
    let header = json!({"alg": "EdDSA", "kid": format!("made-up-{number}")}).to_string();
    let claims = Value::Object(scene.issuer.claims(scene.world.person("ada"))).to_string();
    key.sign("EdDSA", &header, &claims)
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn a_new_key_is_taken_within_a_second_and_a_withdrawn_one_no_longer() -> Result<()> {
    let mut scene = Scene::with(roles, |plan| plan).await?;
    let old = scene.issuer.good("ES256", scene.world.person("ada"))?;
    assert_eq!(scene.status(&old).await?, 200);
    for key in &mut scene.issuer.keys {
        if key.signs("ES256") {
            *key = SigningKey::generate("p256", "p256-2")?;
        }
    }
    scene.issuer.publish();
    let new = scene.issuer.good("ES256", scene.world.person("ada"))?;
    let before = Instant::now();
    assert_eq!(scene.status(&new).await?, 200);
    let took = before.elapsed();
    println!("the first token of a new key is taken after {took:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(scene.status(&old).await?, 401);
    assert_eq!(scene.issuer.server.asked().len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn made_up_keys_make_nobody_fetch() -> Result<()> {
    let scene = Scene::with(roles, |plan| plan).await?;
    assert_eq!(scene.status(&scene.issuer.good("EdDSA", scene.world.person("ada"))?).await?, 200);
    let tokens = (0..MADE_UP).map(|number| of_unknown_key(&scene, number)).collect::<Result<Vec<_>>>()?;
    let (http, begun) = (reqwest::Client::new(), Instant::now());
    let mut statuses = stream::iter(&tokens).map(|token| scene.status_by(&http, token)).buffer_unordered(32);
    while let Some(status) = statuses.next().await {
        assert_eq!(status?, 401);
    }
    let (took, asked) = (begun.elapsed(), scene.issuer.server.asked());
    println!("{MADE_UP} made-up keys in {took:?}: {} fetches besides the first", asked.len() - 1);
    assert!(asked.len() <= 2, "{} fetches", asked.len());
    assert!(asked.iter().all(|head| !head.to_ascii_lowercase().contains("authorization")), "{asked:?}");
    assert!(asked.iter().all(|head| head.starts_with("GET /jwks.json HTTP/1.1")), "{asked:?}");
    Ok(())
}

/// `/readyz`: its status and its text.
async fn readiness(scene: &Scene) -> Result<(u16, String)> {
    let answer = reqwest::get(format!("{}/readyz", scene.server.admin_url)).await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_how_old_the_keys_are_and_that_they_cannot_be_fetched() -> Result<()> {
    let scene = Scene::with(roles, |plan| plan).await?;
    let issuer = scene.issuer.issuer.clone();
    assert_eq!(scene.status(&scene.issuer.good("EdDSA", scene.world.person("ada"))?).await?, 200);
    let (status, told) = readiness(&scene).await?;
    assert_eq!(status, 200, "{told}");
    assert!(told.starts_with(&format!("ok\nissuer {issuer}: 4 usable keys, ")), "{told}");
    assert!(told.ends_with(" s old, 0 failed fetches since\n"), "{told}");

    scene.issuer.server.answers(500, "{}");
    // A token with a key that nobody has makes the server ask again, once.
    assert_eq!(scene.status(&of_unknown_key(&scene, 0)?).await?, 401);
    let of = |outcome: &str| format!("issuer=\"{issuer}\",outcome=\"{outcome}\"");
    let (ok, failed) = (of("ok"), of("failed"));
    let fetches = "quilt_mcp_issuer_key_fetches_total";
    let metrics = metrics_when(&scene.server, |m| m.with(fetches, &failed) == 1.0).await?;
    assert_eq!(metrics.with(fetches, &ok), 1.0);
    assert_eq!(metrics.with("quilt_mcp_issuer_keys", &issuer), 4.0, "the last good ones count");
    assert!(metrics.with("quilt_mcp_issuer_keys_age_seconds", &issuer) < 60.0);
    let (status, told) = readiness(&scene).await?;
    assert_eq!(status, 200, "callers whose key is known are served: {told}");
    assert!(told.ends_with(" s old, 1 failed fetches since\n"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_can_check_no_token_is_not_ready() -> Result<()> {
    let scene = Scene::whose_issuer(|issuer| issuer.server.answers(503, "later")).await?;
    let (status, told) = readiness(&scene).await?;
    assert_eq!(status, 503, "{told}");
    assert!(told.starts_with("no issuer has a key that can be used"), "{told}");
    // Whoever comes while a fetch is under way waits for that one, which asked before there was anything.
    let failed = format!("issuer=\"{}\",outcome=\"failed\"", scene.issuer.issuer);
    metrics_when(&scene.server, |m| m.with("quilt_mcp_issuer_key_fetches_total", &failed) == 1.0).await?;
    scene.issuer.publish();
    assert_eq!(scene.status(&scene.issuer.good("EdDSA", scene.world.person("ada"))?).await?, 200);
    assert_eq!(readiness(&scene).await?.0, 200);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_hangs_or_fails_holds_up_nobody_who_is_known() -> Result<()> {
    let scene = Scene::with(roles, |plan| plan).await?;
    let good = scene.issuer.good("EdDSA", scene.world.person("ada"))?;
    assert_eq!(scene.status(&good).await?, 200);
    scene.issuer.server.hangs(true);
    let unknown = of_unknown_key(&scene, 0)?;
    let waiting = async {
        let before = Instant::now();
        let status = scene.status(&unknown).await?;
        Ok::<_, quilt_tests::Trouble>((status, before.elapsed()))
    };
    let known = async {
        let before = Instant::now();
        for _ in 0..50 {
            assert_eq!(scene.status(&good).await?, 200);
        }
        Ok::<_, quilt_tests::Trouble>(before.elapsed())
    };
    let (waited, known) = tokio::join!(waiting, known);
    let (status, took) = waited?;
    assert_eq!(status, 401);
    // The server's patience is a second; the rest is this machine's.
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert!(known? < Duration::from_secs(10));
    scene.issuer.server.hangs(false);
    for (status, body) in [(500, "{}"), (200, "<html>"), (200, r#"{"keys":[]}"#), (302, "")] {
        scene.issuer.server.answers(status, body);
        assert_eq!(scene.status(&of_unknown_key(&scene, 1)?).await?, 401);
        assert_eq!(scene.status(&good).await?, 200, "{status} {body}");
    }
    Ok(())
}
