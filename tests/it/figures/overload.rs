//! More than is allowed: who sends it is told when to come again, everybody else is served, and afterwards all is as before.

use std::time::Duration;

use futures_util::future::join_all;
use quilt_tests::Result;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, ada_and_ben};
use serde_json::json;

use crate::stage::Stage;

/// Requests a minute: one a second.
const RATE: usize = 60;
/// What the hog sends of it at once.
const TIMES: usize = 4;
/// What somebody else sends meanwhile.
const OTHERS: usize = 40;

/// Status and `Retry-After` of so many requests of somebody, sent at once.
async fn sent(stage: &Stage, name: &str, requests: usize) -> Result<Vec<(u16, Option<u64>)>> {
    let http = reqwest::Client::new();
    let token = stage.token(name);
    let one = |id| {
        let ping = json!({"jsonrpc": "2.0", "id": id, "method": "ping"});
        http.post(&stage.server.url).bearer_auth(&token).json(&ping).send()
    };
    let answers = join_all((0..requests).map(one)).await;
    let mut told = Vec::with_capacity(requests);
    for answer in answers {
        let answer = answer?;
        let after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        told.push((answer.status().as_u16(), after));
    }
    Ok(told)
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn who_sends_four_times_what_is_allowed_is_told_when_to_come_again() -> Result<()> {
    let change = |plan: Plan| plan.set("QUILT_MCP_RATE_LIMIT", &RATE.to_string());
    let stage = Stage::planned(ada_and_ben(), ServerRights::Everything, change).await?;
    let (hog, other) = tokio::join!(sent(&stage, "ada", RATE * TIMES), sent(&stage, "ben", OTHERS));
    let (hog, other) = (hog?, other?);
    let refused: Vec<_> = hog.iter().filter(|(status, _)| *status == 429).collect();
    let taken = hog.iter().filter(|(status, _)| *status == 200).count();
    let served = other.iter().filter(|(status, _)| *status == 200).count();
    println!(
        "of {} at once {taken} are taken and {} are told 429; of another's {OTHERS} {served} are served",
        hog.len(),
        refused.len()
    );
    assert_eq!(taken + refused.len(), hog.len(), "{hog:?}");
    // The burst, and one more for each second that it took.
    assert!((RATE..RATE * 2).contains(&taken), "{taken}");
    // One more comes free each second.
    assert!(refused.iter().all(|(_, after)| *after == Some(1)), "{refused:?}");
    assert_eq!(served, OTHERS, "{other:?}");

    // Who comes when they were told to is served.
    let wait = refused.iter().filter_map(|(_, after)| *after).max().ok_or("nobody was refused")?;
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(sent(&stage, "ada", 1).await?[0].0, 200);
    Ok(())
}
