//! One person, the default chain, no token: over stdio with the official client, and what is refused at the start.

use std::io::Write as _;
use std::process::{Command, Stdio};

use quilt_tests::Result;
use quilt_tests::client::Era;
use quilt_tests::client::python::{Script, answer};
use quilt_tests::server::Plan;
use quilt_tests::substrate::Signed;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn over_stdio_the_server_acts_with_the_persons_own_keys() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let (ada, ben) = (world.person("ada"), world.person("ben"));
    let key = world.key_of(ada).await?;
    let plan = Plan::single_user(&world, &key)?;
    let mark = world.substrate.mark().await?;
    let outcomes = Script::new()
        .over_stdio("me", &plan)
        .step(json!({"client": "me", "do": "tools"}))
        .call("me", "bucket_object_text", &json!({"s3_uri": ada.first_uri()}))
        .call("me", "bucket_object_text", &json!({"s3_uri": ben.first_uri()}))
        .call("me", "workflow_create", &json!({"workflow_id": "w", "name": "mine"}))
        .call("me", "auth_status", &json!({}))
        .play()
        .await?;
    let mut outcomes = outcomes.into_iter();
    let mut next = || outcomes.next().expect("one for each step");
    assert!(next()?["tools"].as_array().is_some_and(|tools| !tools.is_empty()));
    let own = answer(next())?;
    assert!(own.everything().contains(&ada.canary), "{}", own.everything());
    assert_eq!(answer(next())?.error_code(), Some("access_denied"));
    assert!(!answer(next())?.is_error);
    let status = answer(next())?;
    assert!(
        status.everything().contains("default"),
        "the tenant of single-user mode: {}",
        status.everything()
    );

    // The person's keys signed everything, and nothing was exchanged.
    let entries = world.substrate.since(mark).await?;
    let mine: Vec<_> =
        entries.iter().filter(|e| e.access_key_id.as_ref() == Some(&key.access_key_id)).collect();
    assert!(
        mine.iter().any(|entry| entry.is_s3() && entry.status == 200 && entry.signed == Signed::Header),
        "{mine:#?}"
    );
    assert!(!entries.iter().any(|entry| world.owns(entry) && entry.is_exchange()));

    // It is kept: the next process has it.
    let again =
        Script::new().over_stdio("me", &plan).call("me", "workflow_list_all", &json!({})).play().await?;
    let list = answer(again.into_iter().next().ok_or("one outcome")?)?;
    assert_eq!(list.structured["total_workflows"], 1, "{}", list.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_not_json_is_answered_and_logged_without_its_contents() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::single_user(&world, &world.key_of(world.person("ada")).await?)?;
    let command = plan.command_line();
    let mut process = Command::new(&command[0])
        .args(&command[1..])
        .env_clear()
        .envs(plan.environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut input = process.stdin.take().ok_or("piped above")?;
    let hello = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello});
    write!(input, "password: hunter2\n{hello}\n")?;
    drop(input);
    let output = process.wait_with_output()?;
    let answers: Vec<Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    let [refused, greeted] = answers.as_slice() else { panic!("two answers: {answers:#?}") };
    assert_eq!((refused.get("id"), &refused["error"]["code"]), (Some(&Value::Null), &json!(-32700)));
    assert_eq!((&greeted["id"], &greeted["result"]["serverInfo"]["name"]), (&json!(1), &json!("quilt-mcp")));
    let log = String::from_utf8(output.stderr)?;
    assert!(output.status.success() && log.contains("refused a line of input"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn over_loopback_http_no_token_is_needed() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let ada = world.person("ada");
    let server = Plan::single_user(&world, &world.key_of(ada).await?)?.http().start().await?;
    for era in [Era::Stateless, Era::Initialize] {
        let client =
            quilt_tests::client::Client::connect_with(reqwest::Client::new(), &server.url, None, era).await?;
        let own = client.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
        assert!(own.everything().contains(&ada.canary), "{era:?}: {}", own.everything());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn contradictions_end_the_server_with_what_to_set() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let key = world.key_of(world.person("ada")).await?;
    let public = Plan::single_user(&world, &key)?.http().set("QUILT_MCP_LISTEN", "0.0.0.0:0");
    let stdio = Plan::multi_tenant(&world)?.set("QUILT_MCP_TRANSPORT", "stdio").unset("QUILT_MCP_LISTEN");
    let secretless = Plan::multi_tenant(&world)?.unset("QUILT_MCP_JWT_SECRET");
    for (what, plan) in [
        ("single-user on a public address", public),
        ("multi-tenant on stdio", stdio),
        ("no secret", secretless),
    ] {
        let (status, log) = plan.run_to_end().await?;
        assert!(!status.success(), "{what}: {log}");
        assert!(
            log.contains("QUILT_MCP_") || log.contains("--"),
            "{what} is refused without saying what to set: {log}"
        );
    }
    Ok(())
}
