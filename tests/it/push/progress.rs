//! A push tells its caller, and nobody else, how far it is.

use quilt_tests::Result;
use quilt_tests::client::Era;
use serde_json::{Value, json};

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
