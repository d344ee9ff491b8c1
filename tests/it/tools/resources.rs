//! Resources by way of a tool, and as resources.

use quilt_mcp::tools::resources::RESOURCES;
use quilt_tests::Result;
use quilt_tests::client::Answer;
use quilt_tests::registry::{Account, Registry};
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

use super::{Case, Other, Turn, Verdict, keeps_to_its_caller, refuses_bad_tokens, require};
use crate::stage::Stage;

const WORKFLOWS: &str = "workflow://workflows";

pub(crate) const CASES: &[Case] = &[Case {
    tool: "get_resource",
    before: |turn| {
        vec![("workflow_create", json!({"workflow_id": turn.named("resource"), "name": turn.owner.canary}))]
    },
    ask: |_| json!({"uri": WORKFLOWS}),
    own: |turn, answer| require(lists(turn, answer), "one's own workflow is missing", answer),
    other: Other::OwnAnswer(is_ones_own),
}];

fn lists(turn: &Turn<'_>, answer: &Answer) -> bool {
    answer.structured["data"].to_string().contains(&turn.named("resource"))
}

fn is_ones_own(turn: &Turn<'_>, answer: &Answer) -> Verdict {
    require(!lists(turn, answer), "the workflow of another is listed", answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn resource_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn resource_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_read_as_such_is_the_readers_own() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, ben) = (stage.client("ada").await?, stage.client("ben").await?);
    let created =
        ada.call("workflow_create", json!({"workflow_id": "w", "name": stage.person("ada").canary})).await?;
    assert!(!created.is_error, "{}", created.everything());
    let read = |result: Value| result["contents"].to_string();
    let of_ada = read(ada.request("resources/read", json!({"uri": WORKFLOWS}), Some(WORKFLOWS)).await?);
    let of_ben = read(ben.request("resources/read", json!({"uri": WORKFLOWS}), Some(WORKFLOWS)).await?);
    assert!(of_ada.contains(&stage.person("ada").canary), "{of_ada}");
    assert!(!of_ben.contains(&stage.person("ada").canary), "{of_ben}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_administers_is_read_by_who_administers_and_only_as_a_resource() -> Result<()> {
    let registry = Registry::shared()?;
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?.at(registry).await?;
    let stage = Stage::start_in(world).await?;
    let ada_subject = &stage.person("ada").subject;
    registry.add_user(&stage.world.mint.issuer, &Account::of(ada_subject).who_administers()).await?;
    let (ada, ben) = (stage.client("ada").await?, stage.client("ben").await?);
    for uri in ["admin://users", "admin://roles", "admin://config/sso", "admin://config/tabulator"] {
        let read = ada.request("resources/read", json!({"uri": uri}), Some(uri)).await?;
        let text = read["contents"][0]["text"].as_str().ok_or("text")?;
        assert!(text.contains("success"), "{uri}: {text}");
        assert_eq!(text.contains(ada_subject), uri == "admin://users", "{uri}: {text}");
        let refused = ada.call("get_resource", json!({"uri": uri})).await?;
        assert_eq!(refused.error_code(), Some("unsupported"), "{uri}: {}", refused.everything());
    }
    let users = "admin://users";
    let refused = ben.request("resources/read", json!({"uri": users}), Some(users)).await;
    let refused = refused.expect_err("ben does not administer").to_string();
    assert!(refused.contains("access_denied") && !refused.contains(ada_subject), "{refused}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_and_objects_are_resources_of_who_may_read_them() -> Result<()> {
    let stage = Stage::of_two_with_packages().await?;
    let (owner, ada, ben) = (stage.person("ada"), stage.client("ada").await?, stage.client("ben").await?);
    let templates = ada.request("resources/templates/list", json!({}), None).await?;
    let templates = templates["resourceTemplates"].as_array().ok_or("a list")?.clone();
    let templates: Vec<_> = templates.iter().map(|template| template["uriTemplate"].clone()).collect();
    let package = "quilt+s3://{registry}#package={+package_name}";
    assert_eq!(templates, ["s3://{bucket}", "s3://{bucket}/{+key}", package]);

    let (bucket, object) = (format!("s3://{}", owner.bucket), owner.first_uri());
    let package = format!("quilt+s3://{}#package={}", owner.bucket, owner.package().name);
    for (uri, shown) in [
        (&bucket, owner.first_key()),
        (&object, owner.canary.clone()),
        (&package, "total_entries".to_owned()),
    ] {
        let read = ada.request("resources/read", json!({"uri": uri}), Some(uri)).await?;
        let text = read["contents"][0]["text"].as_str().ok_or("text")?;
        assert!(text.contains(&shown) && !text.contains("X-Amz-Signature"), "{uri}: {text}");
        let tool = ada.call("get_resource", json!({"uri": uri})).await?;
        assert!(tool.structured["data"].to_string().contains(&shown), "{uri}: {}", tool.everything());

        let refused = ben.request("resources/read", json!({"uri": uri}), Some(uri)).await;
        let refused = refused.expect_err("ben may not").to_string();
        assert!(refused.contains("access_denied") && !refused.contains(&owner.canary), "{uri}: {refused}");
        let refused = ben.call("get_resource", json!({"uri": uri})).await?;
        assert_eq!(refused.error_code(), Some("access_denied"), "{uri}: {}", refused.everything());
    }
    Ok(())
}

/// Without what is of the moment.
fn lasting(value: Value) -> Value {
    // The endpoint says of a workgroup that it was made just now, whenever it is asked; history is of the day until now.
    let moments =
        ["timestamp", "checked_at", "expires_at", "since", "creation_time", "start_time", "end_time"];
    let of_the_moment = |name: &str| moments.contains(&name);
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| !of_the_moment(name))
            .map(|(name, member)| (name, lasting(member)))
            .collect(),
        Value::Array(items) => items.into_iter().map(lasting).collect(),
        other => other,
    }
}

/// Each resource that stands for one thing is what its tool answers, to a person with something behind each of them.
#[tokio::test(flavor = "multi_thread")]
async fn every_fixed_resource_is_what_its_tool_answers() -> Result<()> {
    let stage = Stage::start_in(super::world(ServerRights::OnlyExchange).await?).await?;
    let client = stage.client("ada").await?;
    client.call("workflow_create", json!({"workflow_id": "w", "name": "w"})).await?;
    let mut read = 0;
    for resource in RESOURCES.iter().filter(|resource| !resource.is_template()) {
        let (uri, tool) = (resource.uri, resource.tool);
        let whole = client.request("resources/read", json!({"uri": uri}), Some(uri)).await?;
        let content = &whole["contents"][0];
        assert_eq!(
            (&content["uri"], &content["mimeType"]),
            (&json!(uri), &json!("application/json")),
            "{uri}"
        );
        let text: Value = serde_json::from_str(content["text"].as_str().ok_or("text")?)?;
        let answer = client.call(tool, json!({})).await?;
        assert!(!answer.is_error && text["success"] == true, "{uri}: {}", answer.everything());
        assert!(text.as_object().is_some_and(|members| members.len() > 1), "{uri} says nothing: {text}");
        assert_eq!(lasting(text.clone()), lasting(answer.structured), "{uri} is not what {tool} answers");
        let as_tool = client.call("get_resource", json!({"uri": uri})).await?;
        if tool.starts_with("admin_") {
            assert_eq!(as_tool.error_code(), Some("unsupported"), "{uri}: {}", as_tool.everything());
        } else {
            assert_eq!(lasting(as_tool.structured["data"].clone()), lasting(text), "{uri} by `get_resource`");
        }
        read += 1;
    }
    assert_eq!(read, 15, "resources that stand for one thing");
    Ok(())
}
