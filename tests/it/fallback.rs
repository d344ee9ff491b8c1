//! When the caller's own credentials cannot be had, nothing else is used in their place.

mod ended;
mod poison;

use quilt_tests::Result;
use quilt_tests::judge::{assert_clean, record_agrees};
use quilt_tests::server::Plan;
use quilt_tests::substrate::{Entry, Mark, Rule};
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

use crate::isolation::{Play, play};
use crate::stage::Stage;
use crate::tools;

/// Requests to S3 in this world since the mark.
async fn s3_since(world: &World, mark: Mark) -> Result<Vec<Entry>> {
    let entries = world.substrate.since(mark).await?;
    Ok(entries.into_iter().filter(|entry| world.owns(entry) && entry.is_s3()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_lie_about_are_never_used() -> Result<()> {
    let world = tools::world(ServerRights::Everything).await?;
    let bait = world.powerful_key().await?;
    let plan = Plan::multi_tenant(&world)?.aws_profile(&bait)?;
    let stage = Stage::start(world, plan).await?;
    let mark = stage.world.substrate.mark().await?;
    let play_as = Play { mode: "auto", together: 4, round: "bait" };
    assert_clean("with bait", &play(&stage.world, &stage.server, &tools::cases(), play_as).await?);
    let entries = stage.world.substrate.since(mark).await?;
    assert_clean("record", &record_agrees(&stage.world, &entries));
    let baited: Vec<_> =
        entries.iter().filter(|e| e.access_key_id.as_ref() == Some(&bait.access_key_id)).collect();
    assert!(baited.is_empty(), "{baited:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sts_refuses_ends_the_call_and_nobody_elses() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (world, ada, ben) = (&stage.world, stage.person("ada"), stage.person("ben"));
    let of = |person: &quilt_tests::world::Person| json!({"s3_uri": person.first_uri()});
    for (status, code) in [
        (403, "AccessDenied"),
        (403, "ExpiredToken"),
        (400, "RegionDisabledException"),
        (503, "ServiceUnavailable"),
    ] {
        let fault = world
            .substrate
            .inject(Rule::on("sts:AssumeRole").by_role(&ada.role_arn).fails(status, code))
            .await?;
        let mark = world.substrate.mark().await?;
        let answer = stage.client("ada").await?.call("bucket_object_text", of(ada)).await?;
        assert_eq!(answer.error_code(), Some("credentials_unavailable"), "{code}: {}", answer.everything());
        assert!(!answer.everything().contains(&world.server_key.access_key_id));
        let asked = s3_since(world, mark).await?;
        assert!(asked.is_empty(), "{code}: {asked:#?}");

        let well = stage.client("ben").await?.call("bucket_object_text", of(ben)).await?;
        assert!(
            well.everything().contains(&ben.canary),
            "{code} for ada is no matter of ben's: {}",
            well.everything()
        );
        assert!(fault.lift().await? >= 1);
    }
    let again = stage.client("ada").await?.call("bucket_object_text", of(ada)).await?;
    assert!(again.everything().contains(&ada.canary), "{}", again.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sts_that_cannot_be_reached_is_an_error_the_caller_understands() -> Result<()> {
    // Nobody listens on port 1 of loopback.
    let change = |plan: Plan| plan.set("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1");
    let stage = Stage::planned(ada_and_ben(), ServerRights::Everything, change).await?;
    let mark = stage.world.substrate.mark().await?;
    let client = stage.client("ada").await?;
    let answer = client.call("bucket_objects_list", json!({"bucket": stage.person("ada").bucket})).await?;
    assert_eq!(answer.error_code(), Some("credentials_unavailable"), "{}", answer.everything());
    assert!(s3_since(&stage.world, mark).await?.is_empty());
    // What needs no AWS goes on.
    assert!(!client.call("workflow_list_all", json!({})).await?.is_error);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_in_the_middle_is_not_replaced() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (world, ada) = (&stage.world, stage.person("ada"));
    let hold =
        world.substrate.inject(Rule::on("s3:ListBucket").in_bucket(&ada.bucket).times(1).holds()).await?;
    let mark = world.substrate.mark().await?;
    let client = stage.client("ada").await?;
    let bucket = ada.bucket.clone();
    let call =
        tokio::spawn(async move { client.call("bucket_objects_list", json!({"bucket": bucket})).await });
    hold.held(1).await?;
    world.substrate.expire_sessions(&ada.role_arn).await?;
    hold.lift().await?;
    let answer = call.await??;
    assert!(
        matches!(answer.error_code(), Some("access_denied" | "credentials_unavailable")),
        "{}",
        answer.everything()
    );
    let entries = world.substrate.since(mark).await?;
    assert_clean("record", &record_agrees(world, &entries));
    let granted = entries.iter().any(|entry| world.owns(entry) && entry.is_s3() && entry.status < 400);
    assert!(!granted, "{entries:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_multi_tenant_server_without_aws_of_its_own_serves_what_needs_none() -> Result<()> {
    let change = |plan: Plan| plan.unset("AWS_ACCESS_KEY_ID").unset("AWS_SECRET_ACCESS_KEY");
    let stage = Stage::planned(ada_and_ben(), ServerRights::OnlyExchange, change).await?;
    let client = stage.client("ada").await?;
    let answer =
        client.call("bucket_object_text", json!({"s3_uri": stage.person("ada").first_uri()})).await?;
    assert_eq!(answer.error_code(), Some("credentials_unavailable"), "{}", answer.everything());
    assert!(!client.call("workflow_list_all", json!({})).await?.is_error);
    Ok(())
}
