//! Something stops a push, at each of its steps. What can be seen is whole, and the same call, sent again, finishes.

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::substrate::Rule;
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use serde_json::json;

use super::{NAME, adding, ask, creating, named, seen_by_quilt3};
use crate::stage::{Stage, all_scopes_closed};

/// The writes of a push, in order: what they are called, and which keys they write.
const STEPS: [(&str, &str); 4] = [
    ("an object", "lab/run/*"),
    ("the manifest", ".quilt/packages/*"),
    ("the revision's pointer", ".quilt/named_packages/lab/run/[0-9]*"),
    ("latest", ".quilt/named_packages/lab/run/latest"),
];

fn at_step(person: &Person, keys: &str) -> Rule {
    Rule::on("s3:PutObject").in_bucket(&person.bucket).on_key(keys)
}

/// That nothing of the push can be seen but what is whole: the revision before it, or none.
pub(super) async fn nothing_is_wrong(
    client: &Client,
    person: &Person,
    before: Option<&str>,
    at: &str,
) -> Result<()> {
    let browsed = client.call("package_browse", named(person)).await?;
    match before {
        None => assert_eq!(browsed.error_code(), Some("not_found"), "{at}: {}", browsed.everything()),
        Some(hash) => assert_eq!(browsed.structured["top_hash"], hash, "{at}: {}", browsed.everything()),
    }
    let listed = client.call("package_versions_list", named(person)).await?;
    for version in listed.structured["versions"].as_array().into_iter().flatten() {
        let arguments = json!({
            "package_name": NAME, "registry": person.bucket, "top_hash": version["top_hash"],
        });
        let verified = ask(client, "package_verify", arguments).await?;
        assert_eq!(verified.structured["verified"], true, "{at}: {}", verified.everything());
    }
    Ok(())
}

/// That everything is as the push wanted it, also for the real quilt3, and entered once into the history.
pub(super) async fn all_is_there(
    world: &World,
    client: &Client,
    hash: &str,
    files: usize,
    at: &str,
) -> Result<()> {
    let person = world.person("ada");
    let (seen, keys) = seen_by_quilt3(world.substrate, person).await?;
    assert_eq!((seen.as_str(), keys.len()), (hash, files), "{at}");
    let verified = ask(client, "package_verify", named(person)).await?;
    assert_eq!(verified.structured["verified"], true, "{at}: {}", verified.everything());
    let versions = ask(client, "package_versions_list", named(person)).await?;
    assert_eq!(versions.structured["count"], files, "{at}: {}", versions.everything());
    Ok(())
}

pub(super) fn hash_in(answer: &quilt_tests::client::Answer) -> Result<String> {
    Ok(answer.structured["top_hash"].as_str().ok_or("a hash")?.to_owned())
}

/// Makes a package of one note, then adds another, each against a rule at `keys`; both are sent again afterwards.
async fn push_against(stage: &Stage, keys: &str, change: impl Fn(Rule) -> Rule, at: &str) -> Result<()> {
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let mut before: Option<String> = None;
    for (files, tool, arguments) in
        [(1, "package_create", creating(ada, json!({}))), (2, "package_update", adding(ada, 1))]
    {
        let fault = stage.world.substrate.inject(change(at_step(ada, keys))).await?;
        let failed = client.call(tool, arguments.clone()).await?;
        let met = fault.lift().await?;
        assert!(met > 0, "{at}: no request met the fault");
        assert!(failed.is_error, "{at}: {}", failed.everything());
        let code = failed.error_code();
        assert!(
            matches!(code, Some("unavailable" | "credentials_unavailable")),
            "{at}: {}",
            failed.everything()
        );
        nothing_is_wrong(&client, ada, before.as_deref(), at).await?;
        let hash = hash_in(&ask(&client, tool, arguments).await?)?;
        all_is_there(&stage.world, &client, &hash, files, at).await?;
        before = Some(hash);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_fails_throttles_or_forgets_the_caller_leaves_nothing_half_done() -> Result<()> {
    for (status, code) in [(500, "InternalError"), (503, "SlowDown"), (400, "ExpiredToken")] {
        for (step, keys) in STEPS {
            let stage = Stage::of_two().await?;
            push_against(&stage, keys, |rule| rule.fails(status, code), &format!("{code} at {step}")).await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_while_the_endpoint_stalls_leaves_nothing_half_done() -> Result<()> {
    for (step, keys) in STEPS {
        let stage = Stage::of_two().await?;
        let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
        let fault = stage.world.substrate.inject(at_step(ada, keys).holds()).await?;
        tokio::select! {
            answer = client.call("package_create", creating(ada, json!({}))) => {
                return Err(format!("{step}: it was answered: {answer:?}").into());
            }
            held = fault.held(1) => held?,
        }
        // The call was dropped, and with it the server's request.
        fault.dropped(1).await?;
        fault.lift().await?;
        all_scopes_closed(&stage.server, 1).await?;
        nothing_is_wrong(&client, ada, None, step).await?;
        let hash = hash_in(&ask(&client, "package_create", creating(ada, json!({}))).await?)?;
        all_is_there(&stage.world, &client, &hash, 1, step).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_leaves_nothing_half_done() -> Result<()> {
    for (step, keys) in STEPS {
        let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
        let plan = Plan::multi_tenant(&world)?;
        let (server, ada) = (plan.start().await?, world.person("ada"));
        let client = Client::connect(&server.url, &world.token(ada), Era::Stateless).await?;
        let fault = world.substrate.inject(at_step(ada, keys).holds()).await?;
        let (answer, killed) = tokio::join!(client.call("package_create", creating(ada, json!({}))), async {
            fault.held(1).await?;
            server.kill()?;
            fault.dropped(1).await?;
            fault.lift().await
        });
        killed?;
        assert!(answer.is_err(), "{step}: a dead server answered");
        let server = plan.start().await?;
        let client = Client::connect(&server.url, &world.token(ada), Era::Stateless).await?;
        nothing_is_wrong(&client, ada, None, step).await?;
        let hash = hash_in(&ask(&client, "package_create", creating(ada, json!({}))).await?)?;
        all_is_there(&world, &client, &hash, 1, step).await?;
    }
    Ok(())
}
