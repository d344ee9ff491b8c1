//! Two pushes that meet.

use quilt_tests::Result;
use quilt_tests::substrate::Rule;

use super::{NAME, adding, ask, creating, named};
use crate::stage::Stage;

/// Lets one update wait at its last step until another has gone by, and says which files are missing that a successful
/// answer promised.
async fn lost_in_a_race(change: impl FnOnce(Rule) -> Rule) -> Result<Vec<String>> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    ask(&client, "package_create", creating(ada, serde_json::json!({}))).await?;
    let latest = format!(".quilt/named_packages/{NAME}/latest");
    let rule = Rule::on("s3:PutObject").in_bucket(&ada.bucket).on_key(&latest).times(1).holds();
    let fault = stage.world.substrate.inject(change(rule)).await?;
    let (slow, quick) = tokio::join!(client.call("package_update", adding(ada, 1)), async {
        fault.held(1).await?;
        let quick = client.call("package_update", adding(ada, 2)).await?;
        fault.lift().await?;
        Ok::<_, quilt_tests::Trouble>(quick)
    });
    let mut answers = vec![(1, slow?), (2, quick?)];
    if let Some((_, refused)) = answers.iter().find(|(_, answer)| answer.is_error) {
        assert_eq!(refused.error_code(), Some("conflict"), "{}", refused.everything());
        // As the hint says.
        answers[0].1 = ask(&client, "package_update", adding(ada, 1)).await?;
    }
    let browsed = ask(&client, "package_browse", named(ada)).await?.everything();
    let versions = ask(&client, "package_versions_list", named(ada)).await?.everything();
    let mut lost = Vec::new();
    for (note, answer) in &answers {
        let hash = answer.structured["top_hash"].as_str().ok_or("a hash")?;
        if !browsed.contains(&format!("note-{note}.txt")) || !versions.contains(hash) {
            lost.push(format!("note-{note}.txt of {hash}"));
        }
    }
    Ok(lost)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_pushes_that_meet_neither_is_lost() -> Result<()> {
    assert_eq!(lost_in_a_race(|rule| rule).await?, Vec::<String>::new());
    Ok(())
}

/// The twin: an endpoint that writes whatever the condition, as a push without conditions would.
#[tokio::test(flavor = "multi_thread")]
async fn an_unconditional_write_is_caught() -> Result<()> {
    let lost = lost_in_a_race(Rule::whatever_the_condition).await?;
    assert!(lost.iter().any(|what| what.starts_with("note-2.txt")), "{lost:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_of_one_second_are_all_in_the_history() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    ask(&client, "package_create", creating(ada, serde_json::json!({}))).await?;
    for note in [1, 2, 1, 0] {
        let more = serde_json::json!({"message": format!("at once {note}")});
        ask(&client, "package_update", super::merged(adding(ada, note), more)).await?;
    }
    let versions = ask(&client, "package_versions_list", named(ada)).await?;
    assert_eq!(versions.structured["count"], 5, "{}", versions.everything());
    assert_eq!(versions.structured["versions"][0]["is_latest"], true, "{}", versions.everything());
    Ok(())
}
