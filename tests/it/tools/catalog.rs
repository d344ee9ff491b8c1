//! Links into the catalog.

use quilt_tests::Result;
use quilt_tests::client::python::{Script, answer};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

use super::{Case, Other, Turn, anything, keeps_to_its_caller, nothing, refuses_bad_tokens, require};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "catalog_url",
        before: nothing,
        ask: in_the_bucket,
        own: |turn, answer| {
            let page =
                format!("https://c.example/b/{}/packages/team/data/tree/latest/a%20b.csv", turn.owner.bucket);
            require(answer.structured["catalog_url"] == page, "not the page", answer)
        },
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "catalog_uri",
        before: nothing,
        ask: in_the_bucket,
        own: |turn, answer| {
            let uri = format!(
                "quilt+s3://{}#package=team/data&path=a%20b.csv&catalog=c.example",
                turn.owner.bucket
            );
            require(answer.structured["quilt_plus_uri"] == uri, "not the URI", answer)
        },
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "catalog_info",
        before: nothing,
        ask: |_| json!({}),
        own: |_, answer| {
            require(answer.structured["status"] == "not_configured", "none is configured", answer)
        },
        other: Other::OwnAnswer(anything),
    },
];

fn in_the_bucket(turn: &Turn<'_>) -> Value {
    json!({
        "registry": turn.owner.bucket, "package_name": "team/data", "path": "a b.csv",
        "catalog_host": "https://c.example",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn catalog_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn catalog_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_catalog_is_everybodys_and_nobody_changes_it() -> Result<()> {
    let change = |plan: Plan| plan.set("QUILT_MCP_CATALOG_URL", "https://c.example");
    let stage = Stage::planned(ada_and_ben(), ServerRights::Everything, change).await?;
    for name in ["ada", "ben"] {
        let client = stage.client(name).await?;
        assert!(
            client.call("catalog_configure", json!({"catalog_url": "open"})).await.is_err(),
            "no such tool"
        );
        let info = client.call("catalog_info", json!({})).await?;
        assert_eq!(info.structured["catalog_url"], "https://c.example", "{}", info.everything());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_chooses_a_catalog_and_it_is_kept() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::single_user(&world, &world.key_of(world.person("ada")).await?)?;
    let outcomes = Script::new()
        .over_stdio("me", &plan)
        .call("me", "catalog_configure", &json!({"catalog_url": "http://elsewhere.example"}))
        .call("me", "catalog_configure", &json!({"catalog_url": "open"}))
        .play()
        .await?;
    let [refused, chosen] = <[_; 2]>::try_from(outcomes).map_err(|outcomes| format!("{outcomes:?}"))?;
    assert_eq!(answer(refused)?.error_code(), Some("invalid_input"));
    let chosen = answer(chosen)?;
    assert_eq!(chosen.structured["permanent"], true, "{}", chosen.everything());

    let again = Script::new()
        .over_stdio("me", &plan)
        .call("me", "catalog_url", &json!({"registry": "my-bucket"}))
        .play()
        .await?;
    let link = answer(again.into_iter().next().ok_or("one outcome")?)?;
    assert_eq!(link.structured["catalog_url"], "https://open.quiltdata.com/b/my-bucket");
    Ok(())
}
