//! Lists of what there is at Athena, a page at a time.

use std::collections::BTreeSet;

use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::substrate::Substrate;
use quilt_tests::world::{ServerRights, TABULATOR, World, ada_and_ben};
use serde_json::{Value, json};

use crate::stage::Stage;

/// Names in pages of one, as the tokens lead from each to the next, and how many pages there were.
async fn one_by_one(
    client: &Client,
    tool: &str,
    list: &str,
    arguments: Value,
) -> Result<(BTreeSet<String>, usize)> {
    let (mut names, mut pages, mut token) = (BTreeSet::new(), 0, json!(""));
    loop {
        let mut asked = arguments.clone();
        asked["max_results"] = json!(1);
        asked["next_token"] = token;
        let answer = client.call(tool, asked).await?;
        let page = answer.structured[list].as_array().ok_or_else(|| answer.everything())?;
        assert!(page.len() <= 1 && answer.structured["count"] == page.len(), "{}", answer.everything());
        for item in page {
            let name = item.as_str().or_else(|| item["name"].as_str()).ok_or("a name")?;
            assert!(names.insert(name.to_owned()), "{name} comes twice");
        }
        pages += 1;
        match answer.structured.get("next_token") {
            Some(next) => token = next.clone(),
            None => return Ok((names, pages)),
        }
    }
}

/// Ada has two databases in each data catalog: with her rights she sees those of these names.
#[tokio::test(flavor = "multi_thread")]
async fn pages_of_one_hold_everything_once() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let both = [ada.bucket.clone(), ada.database()];
    let wanted = json!({"databases": [
        {"catalog": "AwsDataCatalog", "name": ada.bucket, "tables": []},
        {"catalog": TABULATOR, "name": ada.database(), "tables": []},
    ]});
    stage.world.substrate.define_at_athena(&wanted).await?;
    let tables = ["endless", "many", "notes"].map(str::to_owned);
    for (tool, list, arguments, all) in [
        ("athena_databases_list", "databases", json!({}), &both[..]),
        ("athena_tables_list", "tables", json!({"database": ada.database()}), &tables),
        ("tabulator_buckets_list", "buckets", json!({}), &both),
    ] {
        let whole = client.call(tool, arguments.clone()).await?;
        assert_eq!(whole.structured["count"], all.len(), "{tool}: {}", whole.everything());
        assert!(whole.structured.get("next_token").is_none(), "{tool}: {}", whole.everything());
        let (names, pages) = one_by_one(&client, tool, list, arguments).await?;
        assert_eq!(names, all.iter().cloned().collect(), "{tool}");
        assert!(pages >= all.len(), "{tool}: {pages} pages");
    }
    Ok(())
}

/// A pattern is looked for on all pages, and a page without a hit is no end.
#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_is_looked_for_page_after_page() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let arguments = json!({"database": ada.database(), "table_pattern": "n*|m*"});
    let (names, _) = one_by_one(&client, "athena_tables_list", "tables", arguments).await?;
    assert_eq!(names, ["many", "notes"].map(str::to_owned).into());
    Ok(())
}

/// More workgroups than are looked at: the cut is stated. An account of their own, as everybody there would look at them.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_workgroups_that_is_cut_says_so() -> Result<()> {
    let world = World::on(Substrate::of("workgroups")?, ada_and_ben(), ServerRights::OnlyExchange).await?;
    let stage = Stage::start_in(world).await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let few = client.call("athena_workgroups_list", json!({})).await?;
    assert_eq!(
        (&few.structured["count"], &few.structured["is_truncated"]),
        (&json!(1), &json!(false)),
        "{}",
        few.everything()
    );
    let group = |number: usize| json!({"name": format!("{}-{number:03}", ada.workgroup())});
    let many: Vec<Value> = (0..520).map(group).collect();
    stage.world.substrate.define_at_athena(&json!({"workgroups": many})).await?;
    let cut = client.call("athena_workgroups_list", json!({})).await?;
    let count = cut.structured["count"].as_u64().ok_or("a count")?;
    assert!((490..=550).contains(&count), "{count}");
    assert_eq!(cut.structured["is_truncated"], true, "{count}");
    Ok(())
}
