//! What a push reads comes in half, or does not go on.

use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::substrate::Rule;
use quilt_tests::world::Person;
use serde_json::{Value, json};

use super::faults::{all_is_there, hash_in, nothing_is_wrong};
use super::{adding, ask, creating, put};
use crate::stage::{Stage, all_scopes_closed};

/// Everything that a push reads the body of: what it is called, the action, and which keys. An empty pattern: a listing.
const READS: [(&str, &str, &str); 5] = [
    ("latest", "s3:GetObject", ".quilt/named_packages/lab/run/latest"),
    ("the rules of the registry", "s3:GetObject", ".quilt/workflows/config.yml"),
    ("the manifest before", "s3:GetObject", ".quilt/packages/*"),
    ("the newest pointer", "s3:GetObject", ".quilt/named_packages/lab/run/[0-9]*"),
    ("the history", "s3:ListBucket", ""),
];

/// What a push asks of the object that comes in, and gets no body for.
const HEAD: (&str, &str, &str) = ("the object", "s3:GetObject*", "notes/note-1.txt");

const CONFIG: &str = "version: '1'\nis_workflow_required: false\nworkflows:\n  alpha:\n    name: Alpha\n";

fn at(person: &Person, action: &str, keys: &str) -> Rule {
    let rule = Rule::on(action).in_bucket(&person.bucket);
    if keys.is_empty() { rule } else { rule.on_key(keys) }
}

/// A package of one note in a registry with rules, so that everything is there to be read. Its hash.
async fn prepared(stage: &Stage, client: &Client) -> Result<String> {
    let ada = stage.person("ada");
    put(stage, ada, ".quilt/workflows/config.yml", CONFIG.into()).await?;
    hash_in(&ask(client, "package_create", creating(ada, json!({}))).await?)
}

async fn finishes(stage: &Stage, client: &Client, before: &str, step: &str) -> Result<()> {
    let ada = stage.person("ada");
    nothing_is_wrong(client, ada, Some(before), step).await?;
    let hash = hash_in(&ask(client, "package_update", adding(ada, 1)).await?)?;
    all_is_there(&stage.world, client, &hash, 2, step).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_short_is_not_taken_for_whole() -> Result<()> {
    for (step, action, keys) in READS {
        let stage = Stage::of_two().await?;
        let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
        let before = prepared(&stage, &client).await?;
        let fault = stage.world.substrate.inject(at(ada, action, keys).truncates_the_answer()).await?;
        let failed = client.call("package_update", adding(ada, 1)).await?;
        assert!(fault.lift().await? > 0, "{step}: nothing was read");
        assert_eq!(failed.error_code(), Some("unavailable"), "{step}: {}", failed.everything());
        finishes(&stage, &client, &before, step).await?;
    }
    Ok(())
}

/// As at the writes of a push, in `faults`.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_fails_is_throttled_or_forgets_the_caller_leaves_nothing_half_done() -> Result<()> {
    for (status, fault) in [(500, "InternalError"), (503, "SlowDown"), (400, "ExpiredToken")] {
        for (step, action, keys) in READS.into_iter().chain([HEAD]) {
            let at_step = format!("{fault} at {step}");
            let stage = Stage::of_two().await?;
            let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
            let before = prepared(&stage, &client).await?;
            let rule = at(ada, action, keys).fails(status, fault);
            let rule = stage.world.substrate.inject(rule).await?;
            let failed = client.call("package_update", adding(ada, 1)).await?;
            assert!(rule.lift().await? > 0, "{at_step}: nothing was asked");
            let expected = if status == 400 { "credentials_unavailable" } else { "unavailable" };
            assert_eq!(failed.error_code(), Some(expected), "{at_step}: {}", failed.everything());
            finishes(&stage, &client, &before, &at_step).await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_can_leave_while_an_answer_stalls() -> Result<()> {
    for (step, action, keys) in READS {
        let stage = Stage::of_two().await?;
        let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
        let before = prepared(&stage, &client).await?;
        let fault = stage.world.substrate.inject(at(ada, action, keys).holds_the_answer()).await?;
        tokio::select! {
            answer = client.call("package_update", adding(ada, 1)) => {
                return Err(format!("{step}: it was answered: {answer:?}").into());
            }
            held = fault.held(1) => held?,
        }
        fault.dropped(1).await?;
        fault.lift().await?;
        all_scopes_closed(&stage.server, 2).await?;
        finishes(&stage, &client, &before, step).await?;
    }
    Ok(())
}

/// An object without a checksum is read for its hash; half of it is not it.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_cut_short_is_not_hashed() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let arguments: Value = creating(ada, json!({"copy_mode": "none"}));
    for (rule, code) in [
        (at(ada, "s3:GetObject*", "notes/*").truncates_the_answer(), "unavailable"),
        (at(ada, "s3:GetObject*", "notes/*").fails(503, "SlowDown"), "unavailable"),
        (at(ada, "s3:GetObject*", "notes/*").fails(400, "ExpiredToken"), "credentials_unavailable"),
    ] {
        let fault = stage.world.substrate.inject(rule).await?;
        let failed = client.call("package_create", arguments.clone()).await?;
        assert!(fault.lift().await? > 0, "nothing was read");
        assert_eq!(failed.error_code(), Some(code), "{}", failed.everything());
        nothing_is_wrong(&client, ada, None, code).await?;
    }
    let hash = hash_in(&ask(&client, "package_create", arguments).await?)?;
    all_is_there(&stage.world, &client, &hash, 1, "afterwards").await
}
