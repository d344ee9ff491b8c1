//! Clients that others wrote for Node.js: the TypeScript SDK and MCP Inspector, over stdio and HTTP, in both eras.

use std::process::Command;

use quilt_tests::Result;
use quilt_tests::client::{held_to_its_schema, search_printed};
use quilt_tests::node::Node;
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

const INSPECTOR: &str = "@modelcontextprotocol/inspector/clients/launcher/build/index.js";

/// What a client says that ends by itself, on both of its streams. No answer that it shows may show a secret.
async fn said(mut client: Command, token: Option<&str>) -> Result<(String, String)> {
    let output = tokio::task::spawn_blocking(move || client.output()).await??;
    let tokens: Vec<&str> = token.into_iter().collect();
    for printed in [&output.stdout, &output.stderr] {
        search_printed(printed, &tokens)?;
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((text(&output.stdout), text(&output.stderr)))
}

/// What it prints, as JSON.
async fn printed(client: Command, token: Option<&str>) -> Result<Value> {
    let (out, err) = said(client, token).await?;
    serde_json::from_str(&out)
        .map_err(|problem| format!("{problem} in {out:?}; on standard error: {err}").into())
}

async fn typescript(script: Value) -> Result<Value> {
    let mut client = Node::ready()?.script("typescript.mjs")?;
    client.arg(script.to_string());
    let outcome = printed(client, script["token"].as_str()).await?;
    let calls = script["calls"].as_array().into_iter().flatten();
    for (call, result) in calls.zip(outcome["calls"].as_array().into_iter().flatten()) {
        // What the client threw is no result.
        if result.get("thrown").is_none() {
            held_to_its_schema(call[0].as_str().ok_or("a tool")?, result)?;
        }
    }
    Ok(outcome)
}

/// What Inspector's command line prints of a call: the result, if it prints one, and all that it says.
async fn inspected(client: Command, tool: &str, token: Option<&str>) -> Result<(Option<Value>, String)> {
    let (out, err) = said(client, token).await?;
    let result = serde_json::from_str::<Value>(&out)
        .ok()
        .and_then(|mut printed| Some(printed.get_mut("result")?.take()));
    if let Some(result) = &result {
        held_to_its_schema(tool, result)?;
    }
    Ok((result, out + &err))
}

/// Inspector's command line over HTTP, as a person.
fn inspector(server: &Server, token: &str, arguments: &[&str]) -> Result<Command> {
    let mut client = Node::ready()?.program(INSPECTOR);
    client.args(["--cli", &server.url, "--transport", "http"]);
    client.args(["--header", &format!("Authorization: Bearer {token}")]).args(arguments);
    Ok(client)
}

async fn two_people() -> Result<(World, Server)> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let server = Plan::multi_tenant(&world)?.start().await?;
    Ok((world, server))
}

fn reads(person: &Person) -> Value {
    json!(["bucket_object_text", {"s3_uri": person.first_uri()}])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_serves_two_people_in_both_eras() -> Result<()> {
    let (world, server) = two_people().await?;
    let (ada, ben) = (world.person("ada"), world.person("ben"));
    for (era, version) in [("legacy", "2025-11-25"), ("auto", "2026-07-28"), ("2026-07-28", "2026-07-28")] {
        for (who, other) in [(ada, ben), (ben, ada)] {
            let mark = world.substrate.mark().await?;
            let script = json!({
                "url": server.url, "token": world.token(who), "era": era, "calls": [reads(who), reads(other)],
            });
            let outcome = typescript(script).await?;
            assert_eq!(
                (&outcome["server"], &outcome["version"]),
                (&json!("quilt-mcp"), &json!(version)),
                "{outcome}"
            );
            let own = outcome["calls"][0].to_string();
            assert!(own.contains(&who.canary), "{era}: {own}");
            let refused = &outcome["calls"][1];
            assert!(refused.get("structuredContent").is_none(), "{era}: {refused}");
            let envelope = refused["content"][0]["text"].as_str().ok_or("a failure says why")?;
            let envelope: Value = serde_json::from_str(envelope)?;
            assert_eq!(envelope["error"]["code"], "access_denied", "{era}: {refused}");
            assert!(!refused.to_string().contains(&other.canary));
            // Whatever the client asked, the endpoint saw only the one who sent the token.
            let entries = world.substrate.since(mark).await?;
            let roles: Vec<_> = entries
                .iter()
                .filter(|entry| world.owns(entry))
                .filter_map(|e| e.role_arn.as_deref())
                .collect();
            assert!(!roles.is_empty(), "{entries:#?}");
            for role in roles {
                assert_eq!(
                    world.whose_role(role).map(|person| &person.subject),
                    Some(&who.subject),
                    "{era}: {role}"
                );
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_is_refused_without_a_token() -> Result<()> {
    let (_world, server) = two_people().await?;
    for era in ["legacy", "auto"] {
        let outcome = typescript(json!({"url": server.url, "era": era, "calls": []})).await?;
        assert!(outcome["tools"].is_null() && outcome["refused"].is_string(), "{era}: {outcome}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_starts_the_server_for_one_person() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let ada = world.person("ada");
    let plan = Plan::single_user(&world, &world.key_of(ada).await?)?;
    for (era, version) in [("legacy", "2025-11-25"), ("auto", "2026-07-28")] {
        let script = json!({
            "command": plan.command_line(), "env": plan.environment(), "era": era, "calls": [reads(ada)],
        });
        let outcome = typescript(script).await?;
        assert_eq!(outcome["version"], version, "{outcome}");
        assert!(outcome["calls"][0].to_string().contains(&ada.canary), "{era}: {outcome}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn inspector_finds_nothing_to_warn_about_and_reads_ones_own() -> Result<()> {
    let (world, server) = two_people().await?;
    let (ada, ben) = (world.person("ada"), world.person("ben"));
    let token = world.token(ada);
    let mut strict = inspector(&server, &token, &["--method", "tools/list", "--strict"])?;
    let output = tokio::task::spawn_blocking(move || strict.output()).await??;
    search_printed(&output.stdout, &[&token])?;
    let warnings = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{warnings}");
    assert!(!warnings.contains("Warning:"), "{warnings}");
    for era in ["legacy", "modern"] {
        for (person, expected) in [(ada, true), (ben, false)] {
            let uri = format!("s3_uri={}", person.first_uri());
            let call = ["--protocol-era", era, "--method", "tools/call", "--tool-name", "bucket_object_text"];
            let mut arguments = call.to_vec();
            arguments.extend(["--tool-arg", &uri, "--format", "json"]);
            // Inspector holds a refusal, too, against the schema of results, so it may show that instead of our words.
            let client = inspector(&server, &token, &arguments)?;
            let (result, all) = inspected(client, "bucket_object_text", Some(&token)).await?;
            let own = result.is_some_and(|result| result.to_string().contains(&person.canary));
            assert_eq!((own, all.contains(&person.canary)), (expected, expected), "{era}: {all}");
            assert!(!all.is_empty(), "{era}: it said nothing");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn inspector_starts_the_server_for_one_person() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let ada = world.person("ada");
    let plan = Plan::single_user(&world, &world.key_of(ada).await?)?;
    let mut client = Node::ready()?.program(INSPECTOR);
    client.arg("--cli");
    for (name, value) in plan.environment() {
        client.args(["-e", &format!("{name}={value}")]);
    }
    client.args(plan.command_line());
    let uri = format!("s3_uri={}", ada.first_uri());
    client.args([
        "--method",
        "tools/call",
        "--tool-name",
        "bucket_object_text",
        "--tool-arg",
        &uri,
        "--format",
        "json",
    ]);
    let (result, all) = inspected(client, "bucket_object_text", None).await?;
    assert!(result.is_some_and(|result| result.to_string().contains(&ada.canary)), "{all}");
    Ok(())
}
