//! A stock Quilt catalog whose secret the server does not have, and whose registry is down, slow, elsewhere or flooded.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use quilt_tests::catalog::{CatalogRegistry, table_without_secret, token};
use quilt_tests::judge::{Findings, Violation, assert_caught, assert_clean};
use quilt_tests::key_server::KeyServer;
use quilt_tests::server::Plan;
use quilt_tests::token::TokenMint;
use quilt_tests::world::World;
use quilt_tests::{Result, Trouble};
use uuid::Uuid;

use super::catalog::Scene;
use crate::stage::{self, IN_TIME, Seen, metrics_when};

/// How many tokens a stranger makes up.
const MADE_UP: usize = 1_000;
/// How many of them are on their way at once.
const TOGETHER: usize = 200;
/// How many questions there may be at once.
const QUESTIONS: usize = 32;
/// Less than the five seconds that a question may take.
const LESS_THAN_A_QUESTION: Duration = Duration::from_secs(4);
const ADA: &str = r#"{"data":{"me":{"name":"ada"}}}"#;

/// A server whose catalog vouches.
async fn scene() -> Result<Scene> {
    scene_with(Plan::multi_tenant).await
}

async fn scene_with(plan: impl FnOnce(&World) -> Result<Plan>) -> Result<Scene> {
    Scene::trusting(plan, |_, registry, tenant| Ok(table_without_secret(registry.origin(), tenant))).await
}

/// Whether somebody of the issuer beside it is served, and after how long.
async fn beside(scene: &Scene) -> Result<Duration> {
    let token = scene.world.token(scene.world.person("ben"));
    let began = Instant::now();
    assert_eq!(scene.seen(&token).await?.status, 200);
    Ok(began.elapsed())
}

/// What a registry may answer, by name: head, body, and whether that says that it does not know the bearer.
fn answers(elsewhere: &KeyServer) -> Vec<(&'static str, String, String, bool)> {
    let huge = format!(r#"{{"data":{{"me":{{"name":"{}"}}}}}}"#, "x".repeat(100_000));
    let to_elsewhere = |status: &str| format!("{status}\r\nlocation: {}/graphql", elsewhere.origin());
    let (ok, page) = ("200 OK", "200 OK\r\ncontent-type: text/html");
    let reports = |message: &str| format!(r#"{{"data":{{"me":null}},"errors":[{{"message":{message:?}}}]}}"#);
    let boom = r#"{"data":{"me":{"name":"ada"}},"errors":[{"message":"boom"}]}"#;
    let of = |what, head: &str, body: &str, is_said| (what, head.to_owned(), body.to_owned(), is_said);
    vec![
        of("500", "500 Internal Server Error", ADA, false),
        of("503", "503 Service Unavailable", ADA, false),
        of("429", "429 Too Many Requests", ADA, false),
        of("404", "404 Not Found", ADA, false),
        of("403, a proxy's", "403 Forbidden", ADA, false),
        of("302", &to_elsewhere("302 Found"), ADA, false),
        of("307", &to_elsewhere("307 Temporary Redirect"), ADA, false),
        of("308", &to_elsewhere("308 Permanent Redirect"), ADA, false),
        of("a web page", page, "<!doctype html><html>log in", false),
        of("nonsense", ok, r#"{"data": 7}"#, false),
        of("nothing", ok, "", false),
        of("too much", ok, &huge, false),
        of("errors", ok, boom, false),
        of("errors that speak of tokens", ok, &reports("Unexpected token < in JSON"), false),
        of("errors that speak of rights", ok, &reports("permission denied for relation users"), false),
        of("no `me`", ok, r#"{"data":{}}"#, false),
        of("401", "401 Unauthorized", ADA, true),
        of("nobody", ok, r#"{"data":{"me":null}}"#, true),
    ]
}

/// Whatever the registry answers, nobody of it is let in unless it names them; who could not be asked about is told to come
/// again; and nobody of another issuer notices.
async fn silence_lets_nobody_in(scene: &Scene) -> Result<Vec<Violation>> {
    let (mut findings, elsewhere) = (Findings::default(), KeyServer::start().await?);
    elsewhere.answers(200, ADA);
    let refused = scene.seen("no.token.atall").await?;
    let (mut silent, mut unknown) = (0.0, 0.0);
    let mut shown = Vec::new();
    for (what, head, body, is_said) in answers(&elsewhere) {
        scene.registry.says_all(&head, &body);
        let (token, began) = (scene.registry.issue(scene.ids[0])?, Instant::now());
        let seen = scene.seen(&token).await?;
        assert!(began.elapsed() < IN_TIME, "{what}: {:?}", began.elapsed());
        let well = if is_said {
            unknown += 1.0;
            seen == refused
        } else {
            silent += 1.0;
            tells_to_come_again(&seen)
        };
        findings.check(if well { Ok(()) } else { Err(format!("{what}: {} {}", seen.status, seen.body)) });
        beside(scene).await?;
        shown.push(token);
    }
    if !elsewhere.asked().is_empty() {
        findings.add("a token followed a redirect");
    }

    scene.registry.hangs();
    let token = scene.registry.issue(scene.ids[0])?;
    let began = Instant::now();
    let slow = async { Ok::<_, Trouble>((scene.seen(&token).await?, began.elapsed())) };
    let (slow, other) = tokio::join!(slow, beside(scene));
    let ((seen, took), other) = (slow?, other?);
    silent += 1.0;
    if !tells_to_come_again(&seen) {
        findings.add(format!("no answer: {} {}", seen.status, seen.body));
    }
    assert!(other < took && took < IN_TIME, "{other:?}, {took:?}");

    scene.registry.recovers();
    if scene.seen(&token).await?.status != 200 {
        findings.add("it is held against somebody that they could not be asked about");
    }
    let log = scene.server.log.text();
    for token in shown.iter().chain([&token]) {
        let (_, signature) = token.rsplit_once('.').ok_or("a token has parts")?;
        if log.contains(signature) {
            findings.add("a token is in the log");
        }
    }
    if findings.is_empty() {
        figures_are(scene, unknown, silent).await?;
    }
    Ok(findings.all())
}

fn tells_to_come_again(seen: &Seen) -> bool {
    let head = (seen.status, seen.retry_after.as_deref(), &seen.challenge);
    head == (503, Some("5"), &None) && seen.body.contains("cannot be checked now")
}

/// What the operator is told after one who was known, and so many who were not, and of whom nothing was said.
async fn figures_are(scene: &Scene, unknown: f64, silent: f64) -> Result<()> {
    let failures = "quilt_mcp_auth_failures_total";
    let metrics = metrics_when(&scene.server, |m| m.with(failures, "registry_silent") == silent).await?;
    assert_eq!(metrics.with(failures, "not_vouched_for"), unknown);
    let of =
        |outcome: &str| metrics.with("quilt_mcp_issuer_questions_total", &format!("outcome=\"{outcome}\""));
    assert_eq!((of("known"), of("unknown"), of("unanswered")), (1.0, unknown, silent));
    let ready = reqwest::get(format!("{}/readyz", scene.server.admin_url)).await?;
    assert_eq!(ready.status().as_u16(), 200);
    let (ready, said) = (ready.text().await?, 1.0 + unknown);
    let origin = scene.registry.origin();
    let line = format!(
        "issuer {origin}: its registry has said of {said} tokens whether it knows them; 0 questions since then had no answer"
    );
    assert!(ready.contains(&line), "{ready}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_says_nothing_of_use_lets_nobody_in_and_touches_nobody_else() -> Result<()> {
    assert_clean("a catalog that vouches", &silence_lets_nobody_in(&scene().await?).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lets_in_whom_it_could_not_ask_about_is_caught() -> Result<()> {
    assert_clean("the sound twin", &silence_lets_nobody_in(&scene_with(stage::twin("none")).await?).await?);
    let found = silence_lets_nobody_in(&scene_with(stage::twin("believes-silence")).await?).await?;
    let let_in = ["500", "503", "429", "404", "403, a proxy's", "302", "307", "308", "no answer"];
    let words = let_in.map(|what| format!("{what}: 200 "));
    assert_caught("believes silence", &found, &words.each_ref().map(String::as_str));
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
    // Each of these took five seconds, so that those which came within four were there at once.
    let (asked, at_once) = (scene.registry.asked().len(), scene.registry.most_within(LESS_THAN_A_QUESTION));
    println!(
        "{MADE_UP} made-up tokens at a registry that hangs, in {:?}: {asked} questions, {at_once} at once; \
         of another issuer the slowest of 50 took {longest:?}",
        began.elapsed()
    );
    assert!(statuses.iter().all(|status| *status == 503), "{statuses:?}");
    assert_eq!(at_once, QUESTIONS);
    assert!(longest < Duration::from_secs(5), "{longest:?}");

    scene.registry.becomes_idle().await?;
    scene.registry.recovers();
    let began = Instant::now();
    let statuses = flood(&scene).await?;
    let refused = statuses.iter().filter(|status| **status == 401).count();
    let questions = scene.registry.asked().len() - asked;
    println!(
        "{MADE_UP} at one that answers, in {:?}: {questions} questions, {} at once, {refused} refused, {} told to come again",
        began.elapsed(),
        scene.registry.most_at_once(),
        MADE_UP - refused
    );
    assert!(statuses.iter().all(|status| [401, 503].contains(status)), "{statuses:?}");
    assert_eq!(questions, refused, "one for each, and none for who got no turn");
    assert!((1..=QUESTIONS).contains(&scene.registry.most_at_once()), "{}", scene.registry.most_at_once());
    assert_eq!(scene.seen(&scene.registry.issue(scene.ids[0])?).await?.status, 200);
    Ok(())
}

/// So a server that put all its questions would be seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_registry_sees_how_many_questions_it_has_at_once() -> Result<()> {
    let registry = CatalogRegistry::start().await?;
    registry.hangs();
    let (http, url) = (reqwest::Client::new(), format!("{}/graphql", registry.origin()));
    let more = QUESTIONS + 8;
    let asking = join_all((0..more).map(|_| http.post(&url).body("{}").send()));
    let seen = registry.comes_to_have(more);
    tokio::select! {
        answers = asking => return Err(format!("{} were answered", answers.len()).into()),
        seen = seen => seen?,
    }
    assert_eq!((registry.most_at_once(), registry.most_within(LESS_THAN_A_QUESTION)), (more, more));
    // They have been given up.
    registry.becomes_idle().await?;
    assert_eq!(registry.most_at_once(), 0);
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
