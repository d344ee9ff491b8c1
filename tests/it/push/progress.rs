//! A push tells its caller, and nobody else, how far it is.

use std::path::Path;

use quilt_tests::Result;
use quilt_tests::client::Era;
use quilt_tests::server::Plan;
use quilt_tests::substrate::Rule;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{NAME, put};
use crate::stage::Stage;

/// Calls a tool under a token for progress. The answer, and what was told before it: done and total.
async fn reported(
    stage: &Stage,
    who: &str,
    tool: &str,
    arguments: Value,
) -> Result<(Value, Vec<(u64, Option<u64>)>)> {
    let client = stage.client_in(who, Era::Initialize).await?;
    let params = json!({"name": tool, "arguments": arguments, "_meta": {"progressToken": who}});
    let mut told = Vec::new();
    let answer = client
        .request_hearing("tools/call", params, Some(tool), |message| {
            if message["method"] == "notifications/progress" {
                let params = &message["params"];
                assert_eq!(params["progressToken"], who, "{message}");
                let number = |name: &str| params[name].as_f64().map(|number| number as u64);
                told.push((number("progress").unwrap_or_default(), number("total")));
            }
        })
        .await?;
    assert_eq!(answer["isError"], false, "{answer}");
    Ok((answer, told))
}

/// What is wrong with a series of reports.
fn wrong_with(told: &[(u64, Option<u64>)]) -> Option<&'static str> {
    if told.is_empty() {
        return Some("nothing was reported");
    }
    if told.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
        return Some("it does not grow");
    }
    let totals: Vec<u64> = told.iter().filter_map(|(_, total)| *total).collect();
    if totals.windows(2).any(|pair| pair[0] != pair[1]) {
        return Some("the total changes");
    }
    match told.last() {
        Some((done, Some(total))) if done == total => None,
        _ => Some("it does not end at the total"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_reports_each_part_and_ends_at_all() -> Result<()> {
    let stage = Stage::of_two().await?;
    let ada = stage.person("ada");
    // Three parts.
    put(&stage, ada, "raw/large.bin", vec![7; 17 * 1024 * 1024]).await?;
    put(&stage, ada, "raw/small.txt", vec![7; 10]).await?;
    let folder = json!({
        "package_name": NAME, "source_bucket": ada.bucket, "source_prefix": "raw/", "generate_readme": false,
    });
    let note =
        |name: &str| json!({"package_name": name, "registry": ada.bucket, "s3_uris": [ada.first_uri()]});
    let (theirs, (_, told)) = tokio::try_join!(
        // Somebody else works at the same time, and hears only of their own.
        reported(&stage, "ben", "package_create", {
            let ben = stage.person("ben");
            json!({"package_name": NAME, "registry": ben.bucket, "s3_uris": [ben.first_uri()]})
        }),
        reported(&stage, "ada", "package_create_from_s3", folder),
    )?;
    assert_eq!(wrong_with(&told), None, "{told:?}");
    assert_eq!(wrong_with(&theirs.1), None, "{:?}", theirs.1);
    // Each part of the large object was reported: that is how long a push is silent.
    let known = told.iter().filter(|(_, total)| total.is_some()).count();
    assert!(known >= 6, "{told:?}");
    // Nothing new to publish ends at all, too.
    let (_, first) = reported(&stage, "ada", "package_create", note("lab/twice")).await?;
    let mut again = note("lab/twice");
    again["force"] = true.into();
    let (_, second) = reported(&stage, "ada", "package_create", again).await?;
    assert_eq!((wrong_with(&first), wrong_with(&second)), (None, None), "{first:?} {second:?}");
    Ok(())
}

/// Lets ada and ben each push a large object of their own, in sessions of their own. Ben begins when ada is in the middle,
/// and stays in the middle until ada is done. What each heard.
async fn heard_while_both_push(stage: &Stage) -> Result<[Vec<Value>; 2]> {
    let stopped = async |name: &str| {
        let person = stage.person(name);
        put(stage, person, "raw/large.bin", vec![7; 17 * 1024 * 1024]).await?;
        let copying = Rule::on("s3:PutObject").in_bucket(&person.bucket).on_key("lab/run/*");
        // Begun, and one part of it copied.
        stage.world.substrate.inject(copying.after(2).holds()).await
    };
    let (of_ada, of_ben) = (stopped("ada").await?, stopped("ben").await?);
    let hear = async |name: &str| -> Result<Vec<Value>> {
        let (client, bucket) = (stage.client_in(name, Era::Initialize).await?, &stage.person(name).bucket);
        assert!(client.session().is_some(), "{name} has no session");
        let arguments = json!({
            "package_name": NAME, "registry": bucket, "s3_uris": [format!("s3://{bucket}/raw/large.bin")],
        });
        let params = json!({
            "name": "package_create", "arguments": arguments, "_meta": {"progressToken": token(name)},
        });
        let mut heard = Vec::new();
        let hear = |message: &Value| heard.push(message.clone());
        let answer = client.request_hearing("tools/call", params, Some("package_create"), hear).await?;
        assert_eq!(answer["isError"], false, "{answer}");
        Ok(heard)
    };
    let (ada_is_stopped, ada_is_done) = (Notify::new(), Notify::new());
    let (ada, ben, ()) = tokio::try_join!(
        async {
            let heard = hear("ada").await?;
            ada_is_done.notify_one();
            Ok(heard)
        },
        async {
            ada_is_stopped.notified().await;
            hear("ben").await
        },
        async {
            of_ada.held(1).await?;
            ada_is_stopped.notify_one();
            of_ben.held(1).await?;
            of_ada.lift().await?;
            ada_is_done.notified().await;
            of_ben.lift().await?;
            Ok(())
        },
    )?;
    Ok([ada, ben])
}

fn token(name: &str) -> String {
    format!("of {name}")
}

/// What is wrong with what somebody heard of their own push of one large object.
fn misheard(heard: &[Value], name: &str, bucket: &str, other: &str) -> Vec<String> {
    let reports: Vec<&Value> = heard.iter().filter(|m| m["method"] == "notifications/progress").collect();
    let mut wrong: Vec<String> = reports
        .iter()
        .filter(|report| {
            report["params"]["progressToken"] != token(name) || report.to_string().contains(other)
        })
        .map(|report| format!("{name} heard {report}"))
        .collect();
    if !reports.iter().any(|report| report.to_string().contains(bucket)) {
        wrong.push(format!("{name} heard nothing of an own part"));
    }
    wrong
}

async fn misheard_by_both(stage: &Stage) -> Result<Vec<String>> {
    let [ada, ben] = ["ada", "ben"].map(|name| stage.person(name).bucket.as_str());
    let [to_ada, to_ben] = heard_while_both_push(stage).await?;
    Ok([misheard(&to_ada, "ada", ada, ben), misheard(&to_ben, "ben", ben, ada)].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_push_at_once_each_hears_only_of_the_own_push() -> Result<()> {
    let sessions = |plan: Plan| plan.set("QUILT_MCP_SESSIONS", "true");
    let stage = Stage::planned(ada_and_ben(), ServerRights::OnlyExchange, sessions).await?;
    let wrong = misheard_by_both(&stage).await?;
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// The twin: a server in which progress goes to whoever asked last.
#[tokio::test(flavor = "multi_thread")]
async fn progress_that_goes_to_another_is_caught() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant_with(Path::new(env!("CARGO_BIN_EXE_twin")), &world)?;
    let stage =
        Stage::start(world, plan.set("QUILT_MCP_SESSIONS", "true").set("QUILT_TWIN", "progress")).await?;
    let wrong = misheard_by_both(&stage).await?;
    assert!(wrong.iter().any(|what| what.starts_with("ben heard {")), "{wrong:#?}");
    Ok(())
}

/// The twin: series that are wrong are seen to be.
#[test]
fn wrong_reports_are_caught() {
    let of = |done: &[u64], total: u64| done.iter().map(|done| (*done, Some(total))).collect::<Vec<_>>();
    assert_eq!(wrong_with(&of(&[1, 2, 3], 3)), None);
    assert_eq!(wrong_with(&of(&[1, 2], 3)), Some("it does not end at the total"));
    assert_eq!(wrong_with(&of(&[1, 3, 2, 3], 3)), Some("it does not grow"));
    assert_eq!(wrong_with(&[(1, Some(1)), (2, Some(2))]), Some("the total changes"));
    assert_eq!(wrong_with(&[(1, None)]), Some("it does not end at the total"));
    assert_eq!(wrong_with(&[]), Some("nothing was reported"));
}
