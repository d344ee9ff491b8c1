//! A session that AWS ends while a call is under way, at each of the call's requests: the call says so and does nothing more,
//! nothing else is used in its place, and the next call has credentials of its own.

use std::path::Path;

use quilt_tests::Result;
use quilt_tests::client::{Answer, Client};
use quilt_tests::judge::record_agrees;
use quilt_tests::server::{self, Plan};
use quilt_tests::substrate::Rule;
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben_with_packages};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::stage::Stage;

/// More requests than any of these calls makes.
const MOST_STEPS: u32 = 24;

fn calls(person: &Person) -> [(&'static str, Value); 4] {
    let package = json!({"package_name": person.package().name, "registry": person.bucket});
    [
        ("bucket_object_text", json!({"s3_uri": person.first_uri()})),
        ("package_browse", package.clone()),
        ("package_versions_list", package),
        ("package_create", crate::push::creating(person, json!({}))),
    ]
}

/// The answer to a call whose session ends when it makes request number `step` to S3; none if it makes fewer.
async fn ended_at(
    stage: &Stage,
    person: &Person,
    client: Client,
    (tool, arguments): (&'static str, Value),
    step: u32,
) -> Result<Option<Answer>> {
    let rule = Rule::on("s3:*").by_role(&person.role_arn).after(step).times(1).holds();
    let hold = stage.world.substrate.inject(rule).await?;
    let (done, answered) = oneshot::channel();
    tokio::spawn(async move { done.send(client.call(tool, arguments).await) });
    let mut answered = answered;
    tokio::select! {
        held = hold.held(1) => {
            held?;
            stage.world.substrate.expire_sessions(&person.role_arn).await?;
            hold.lift().await?;
            Ok(Some(answered.await??))
        }
        answer = &mut answered => {
            answer??;
            hold.lift().await?;
            Ok(None)
        }
    }
}

/// What is wrong with a server whose callers' sessions end.
async fn findings_about(program: &Path, twin: &str) -> Result<Vec<String>> {
    let world = World::of(ada_and_ben_with_packages(), ServerRights::Everything).await?;
    let plan = Plan::multi_tenant_with(program, &world)?.set("QUILT_TWIN", twin);
    let stage = Stage::start(world, plan).await?;
    let ada = stage.person("ada");
    let mut findings = Vec::new();
    for call in calls(ada) {
        let tool = call.0;
        let mut steps = 0;
        for step in 0..MOST_STEPS {
            let mark = stage.world.substrate.mark().await?;
            let answer = ended_at(&stage, ada, stage.client("ada").await?, call.clone(), step).await?;
            let Some(answer) = answer else { break };
            steps += 1;
            if answer.error_code() != Some("credentials_unavailable") {
                findings.push(format!("{tool} at {step}: {}", answer.everything()));
            }
            let entries = stage.world.substrate.since(mark).await?;
            let wrong = record_agrees(&stage.world, &entries);
            findings.extend(wrong.iter().map(|violation| format!("{tool} at {step}: {violation:?}")));
            let of_ada = |entry: &&quilt_tests::substrate::Entry| entry.role() == Some(&ada.role_arn);
            let exchanges = entries.iter().filter(of_ada).filter(|entry| entry.is_exchange()).count();
            if exchanges > 1 {
                findings.push(format!("{tool} at {step}: {exchanges} exchanges for one request"));
            }
            let next = stage.client("ada").await?.call("bucket_object_text", calls(ada)[0].1.clone()).await?;
            if !next.everything().contains(&ada.canary) {
                findings.push(format!("the call after {tool} at {step}: {}", next.everything()));
                return Ok(findings);
            }
        }
        assert!((1..MOST_STEPS).contains(&steps), "{tool}: its session was ended at {steps} steps");
    }
    Ok(findings)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_at_any_step_ends_its_call_and_nothing_else() -> Result<()> {
    let findings = findings_about(&server::server()?, "none").await?;
    assert!(findings.is_empty(), "{findings:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_on_with_what_has_ended_is_caught() -> Result<()> {
    let findings = findings_about(Path::new(env!("CARGO_BIN_EXE_twin")), "credentials").await?;
    assert!(findings.iter().any(|finding| finding.starts_with("the call after")), "{findings:#?}");
    Ok(())
}
