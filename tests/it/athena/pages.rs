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
    in_pages(client, tool, list, arguments, 1).await
}

/// The same in pages of at most so many.
async fn in_pages(
    client: &Client,
    tool: &str,
    list: &str,
    arguments: Value,
    most: usize,
) -> Result<(BTreeSet<String>, usize)> {
    let (mut names, mut pages, mut token) = (BTreeSet::new(), 0, json!(""));
    loop {
        let mut asked = arguments.clone();
        asked["max_results"] = json!(most);
        asked["next_token"] = token;
        let answer = client.call(tool, asked).await?;
        let page = answer.structured[list].as_array().ok_or_else(|| answer.everything())?;
        assert!(page.len() <= most && answer.structured["count"] == page.len(), "{}", answer.everything());
        for item in page {
            let name = item.as_str().or_else(|| item["name"].as_str()).ok_or("a name")?;
            assert!(names.insert(name.to_owned()), "{name} comes twice");
        }
        if let Some(cut) = answer.structured.get("is_truncated") {
            assert_eq!(*cut, answer.structured.get("next_token").is_some(), "{tool}");
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

/// Ada gets so many more workgroups. The names of all that she may look at.
async fn with_more_workgroups(stage: &Stage, number: usize) -> Result<BTreeSet<String>> {
    let own = stage.person("ada").workgroup();
    let more: Vec<String> = (0..number).map(|at| format!("{own}-{at:04}")).collect();
    let wanted: Vec<Value> = more.iter().map(|name| json!({"name": name})).collect();
    stage.world.substrate.define_at_athena(&json!({"workgroups": wanted})).await?;
    Ok(more.into_iter().chain([own]).collect())
}

/// First few, then more than are looked at in one call: one by one or many at a time, all that ada may look at come once. Those
/// that she may not, as ben's, leave pages empty, and an empty page is no end. An account of their own, as others in it would
/// move the pages.
#[tokio::test(flavor = "multi_thread")]
async fn no_workgroup_is_out_of_reach() -> Result<()> {
    let world = World::on(Substrate::of("workgroups")?, ada_and_ben(), ServerRights::OnlyExchange).await?;
    let stage = Stage::start_in(world).await?;
    let (tool, list, client) = ("athena_workgroups_list", "workgroups", stage.client("ada").await?);
    for (more, sizes) in [(0, &[500][..]), (6, &[1, 2, 500]), (560, &[500])] {
        let all = with_more_workgroups(&stage, more).await?;
        for &most in sizes {
            let (names, pages) = in_pages(&client, tool, list, json!({}), most).await?;
            assert_eq!(names, all, "{more} more, in pages of {most}");
            assert!(pages >= all.len().div_ceil(most), "{more} more: {pages} pages of {most}");
        }
    }
    the_resource_says_where_the_rest_is(&client).await
}

/// Of more workgroups than it shows.
async fn the_resource_says_where_the_rest_is(client: &Client) -> Result<()> {
    let uri = "athena://workgroups";
    let read = client.request("resources/read", json!({"uri": uri}), Some(uri)).await?;
    let read: Value = serde_json::from_str(read["contents"][0]["text"].as_str().ok_or("text")?)?;
    let by_tool = client.call("get_resource", json!({"uri": uri})).await?;
    for shown in [&read, &by_tool.structured["data"]] {
        let next = json!({"next_token": shown["next_token"]});
        let rest = client.call("athena_workgroups_list", next).await?;
        let (shown, rest) = (names(shown)?, names(&rest.structured)?);
        assert!(!shown.is_empty() && !rest.is_empty(), "{} and {}", shown.len(), rest.len());
        assert!(shown.is_disjoint(&rest), "the rest begins again");
    }
    Ok(())
}

fn names(listed: &Value) -> Result<BTreeSet<String>> {
    let groups = listed["workgroups"].as_array().ok_or_else(|| listed.to_string())?;
    Ok(groups.iter().filter_map(|group| group["name"].as_str()).map(String::from).collect())
}
