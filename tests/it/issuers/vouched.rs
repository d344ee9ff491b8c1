//! A stock Quilt catalog whose secret the server does not have, and whose registry is down, slow, elsewhere or flooded.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use quilt_tests::catalog::{CatalogRegistry, table_without_secret, token};
use quilt_tests::key_server::KeyServer;
use quilt_tests::server::Plan;
use quilt_tests::token::TokenMint;
use quilt_tests::{Result, Trouble};
use uuid::Uuid;

use super::catalog::Scene;
use crate::stage::{self, IN_TIME, metrics_when};

/// How many tokens a stranger makes up.
const MADE_UP: usize = 1_000;
/// How many of them are on their way at once.
const TOGETHER: usize = 200;
/// How many questions there may be at once.
const QUESTIONS: usize = 32;
const ADA: &str = r#"{"data":{"me":{"name":"ada"}}}"#;

async fn scene() -> Result<Scene> {
    Scene::trusting(Plan::multi_tenant, |_, registry, tenant| {
        Ok(table_without_secret(registry.origin(), tenant))
    })
    .await
}

/// Whether somebody of the issuer beside it is served, and after how long.
async fn beside(scene: &Scene) -> Result<Duration> {
    let token = scene.world.token(scene.world.person("ben"));
    let began = Instant::now();
    assert_eq!(scene.seen(&token).await?.status, 200);
    Ok(began.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_says_nothing_of_use_lets_nobody_in_and_touches_nobody_else() -> Result<()> {
    let (scene, elsewhere) = (scene().await?, KeyServer::start().await?);
    elsewhere.answers(200, ADA);
    let refused = scene.seen("no.token.atall").await?;
    let huge = format!(r#"{{"data":{{"me":{{"name":"{}"}}}}}}"#, "x".repeat(100_000));
    let to_elsewhere = |status: &str| format!("{status}\r\nlocation: {}/graphql", elsewhere.origin());
    let (mut silent, mut unknown) = (0.0, 0.0);
    let mut shown = Vec::new();
    for (what, head, body, is_said) in [
        ("500", "500 Internal Server Error".to_owned(), ADA, false),
        ("503", "503 Service Unavailable".to_owned(), ADA, false),
        ("429", "429 Too Many Requests".to_owned(), ADA, false),
        ("404", "404 Not Found".to_owned(), ADA, false),
        ("302", to_elsewhere("302 Found"), ADA, false),
        ("307", to_elsewhere("307 Temporary Redirect"), ADA, false),
        ("308", to_elsewhere("308 Permanent Redirect"), ADA, false),
        ("a web page", "200 OK\r\ncontent-type: text/html".to_owned(), "<!doctype html><html>log in", false),
        ("nonsense", "200 OK".to_owned(), r#"{"data": 7}"#, false),
        ("nothing", "200 OK".to_owned(), "", false),
        ("too much", "200 OK".to_owned(), &*huge, false),
        (
            "errors",
            "200 OK".to_owned(),
            r#"{"data":{"me":{"name":"ada"}},"errors":[{"message":"boom"}]}"#,
            false,
        ),
        ("401", "401 Unauthorized".to_owned(), ADA, true),
        ("403", "403 Forbidden".to_owned(), ADA, true),
        ("nobody", "200 OK".to_owned(), r#"{"data":{"me":null}}"#, true),
    ] {
        scene.registry.says_all(&head, body);
        let (token, began) = (scene.registry.issue(scene.ids[0])?, Instant::now());
        let seen = scene.seen(&token).await?;
        assert!(began.elapsed() < IN_TIME, "{what}: {:?}", began.elapsed());
        if is_said {
            assert_eq!(seen, refused, "{what}");
            unknown += 1.0;
        } else {
            assert_eq!((seen.status, seen.retry_after.as_deref()), (503, Some("5")), "{what}");
            assert!(
                seen.challenge.is_none() && seen.body.contains("cannot be checked now"),
                "{what}: {seen:?}"
            );
            silent += 1.0;
        }
        beside(&scene).await?;
        shown.push(token);
    }
    assert!(elsewhere.asked().is_empty(), "a token followed a redirect");

    scene.registry.hangs();
    let token = scene.registry.issue(scene.ids[0])?;
    let began = Instant::now();
    let slow = async { Ok::<_, Trouble>((scene.seen(&token).await?, began.elapsed())) };
    let (slow, other) = tokio::join!(slow, beside(&scene));
    let ((seen, took), other) = (slow?, other?);
    assert_eq!(seen.status, 503);
    assert!(other < took && took < IN_TIME, "{other:?}, {took:?}");

    scene.registry.recovers();
    assert_eq!(scene.seen(&token).await?.status, 200, "nothing is held against who could not be asked about");
    let log = scene.server.log.text();
    for token in shown.iter().chain([&token]) {
        let (_, signature) = token.rsplit_once('.').ok_or("a token has parts")?;
        assert!(!log.contains(signature), "a token is in the log");
    }
    let failures = "quilt_mcp_auth_failures_total";
    let metrics =
        metrics_when(&scene.server, |m| m.with(failures, "registry_silent") == silent + 1.0).await?;
    assert_eq!(metrics.with(failures, "not_vouched_for"), unknown);
    let of =
        |outcome: &str| metrics.with("quilt_mcp_issuer_questions_total", &format!("outcome=\"{outcome}\""));
    assert_eq!((of("known"), of("unknown"), of("unanswered")), (1.0, unknown, silent + 1.0));
    let ready = reqwest::get(format!("{}/readyz", scene.server.admin_url)).await?;
    assert_eq!(ready.status().as_u16(), 200);
    let (ready, answered) = (ready.text().await?, 1.0 + unknown);
    let origin = scene.registry.origin();
    let line = format!(
        "issuer {origin}: its registry has answered {answered} questions whose token it is, 0 unanswered since"
    );
    assert!(ready.contains(&line), "{ready}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_not_there_lets_nobody_in_and_touches_nobody_else() -> Result<()> {
    // Nobody listens on the first port.
    let nowhere =
        |_: &Plan, _: &CatalogRegistry, tenant: &str| Ok(table_without_secret("http://127.0.0.1:1", tenant));
    let scene = Scene::trusting(Plan::multi_tenant, nowhere).await?;
    let began = Instant::now();
    let seen = scene.seen(&scene.registry.issue(scene.ids[0])?).await?;
    assert_eq!((seen.status, seen.retry_after.as_deref()), (503, Some("5")));
    assert!(began.elapsed() < IN_TIME);
    beside(&scene).await?;
    Ok(())
}

/// The statuses of so many made-up tokens.
async fn flood(scene: &Scene) -> Result<Vec<u16>> {
    let (stranger, http) = (TokenMint::new("stranger", "none"), reqwest::Client::new());
    let tokens: Vec<String> = (0..MADE_UP as u64)
        .map(|id| token(&stranger, id, &Uuid::new_v4().to_string()))
        .collect::<Result<_>>()?;
    let seen = stream::iter(&tokens).map(|token| stage::seen(&http, &scene.server.url, token));
    let seen: Vec<_> = seen.buffer_unordered(TOGETHER).collect().await;
    seen.into_iter().map(|seen| seen.map(|seen| seen.status)).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn a_flood_of_made_up_tokens_is_so_many_questions_at_once_and_holds_nobody_up() -> Result<()> {
    let scene = scene().await?;
    scene.registry.hangs();
    let began = Instant::now();
    let others = async {
        let mut longest = Duration::ZERO;
        for _ in 0..50 {
            longest = longest.max(beside(&scene).await?);
        }
        Ok::<_, Trouble>(longest)
    };
    let (statuses, longest) = tokio::join!(flood(&scene), others);
    let (statuses, longest) = (statuses?, longest?);
    let (asked, at_once) = (scene.registry.asked().len(), scene.registry.most_at_once());
    println!(
        "{MADE_UP} made-up tokens at a registry that hangs, in {:?}: {asked} questions, {at_once} at once; \
         of another issuer the slowest of 50 took {longest:?}",
        began.elapsed()
    );
    assert!(statuses.iter().all(|status| *status == 503), "{statuses:?}");
    assert_eq!(at_once, QUESTIONS);
    assert!(longest < Duration::from_secs(5), "{longest:?}");

    scene.registry.recovers();
    let began = Instant::now();
    let statuses = flood(&scene).await?;
    let refused = statuses.iter().filter(|status| **status == 401).count();
    let questions = scene.registry.asked().len() - asked;
    println!(
        "{MADE_UP} at one that answers, in {:?}: {questions} questions, {refused} refused, {} told to come again",
        began.elapsed(),
        MADE_UP - refused
    );
    assert!(statuses.iter().all(|status| [401, 503].contains(status)), "{statuses:?}");
    assert_eq!(questions, refused, "one for each, and none for who got no turn");
    assert_eq!(scene.registry.most_at_once(), QUESTIONS);
    assert_eq!(scene.seen(&scene.registry.issue(scene.ids[0])?).await?.status, 200);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_token_that_is_repeated_is_asked_about_once_in_a_while() -> Result<()> {
    let scene = scene().await?;
    let bad = token(&TokenMint::new("stranger", "none"), scene.ids[0], "made-up")?;
    let (http, began) = (reqwest::Client::new(), Instant::now());
    for _ in 0..300 {
        assert_eq!(stage::seen(&http, &scene.server.url, &bad).await?.status, 401);
    }
    let whiles = began.elapsed().as_secs() / 10 + 1;
    let asked = scene.registry.asked().len() as u64;
    assert!((1..=whiles).contains(&asked), "{asked} questions in {:?}", began.elapsed());
    // A good one is asked about each time.
    let good = scene.registry.issue(scene.ids[0])?;
    for _ in 0..3 {
        assert_eq!(scene.seen(&good).await?.status, 200);
    }
    assert_eq!(scene.registry.asked().len() as u64, asked + 3);
    scene.registry.revoke(scene.ids[0]);
    assert_eq!(scene.seen(&good).await?.status, 401, "at the next request");
    Ok(())
}
