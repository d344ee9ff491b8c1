//! The first command of the README, from the outside.

use std::process::{Command, Stdio};

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::server::{Signal, server, signal};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

/// Runs the demo once, with this filter for its log. What it shows, and its log.
fn play(log: Option<&str>) -> Result<(String, String)> {
    let mut command = Command::new(server()?);
    command.args(["demo", "--once", "--listen", "127.0.0.1:0"]).env_remove("QUILT_MCP_LOG");
    command.envs(log.map(|filter| ("QUILT_MCP_LOG", filter)));
    let output = command.output()?;
    let (shown, log) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    assert!(output.status.success(), "{shown}\n{log}");
    Ok((shown, log))
}

#[test]
fn the_demo_logs_what_it_is_told_to() -> Result<()> {
    let (shown, log) = play(None)?;
    assert_eq!(log, "", "the transcript is for people");
    let address = shown
        .lines()
        .find_map(|line| line.trim().strip_prefix("operator")?.trim().split_once("/metrics"))
        .ok_or("the transcript says where the metrics are")?
        .0;
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    let (_, log) = play(Some("info"))?;
    assert!(log.contains("\"message\":\"starting\"") && log.contains("call answered"), "{log}");
    Ok(())
}

#[test]
fn the_demo_shows_two_tenants_who_see_only_their_own() -> Result<()> {
    let (shown, _) = play(None)?;
    for refused in ["bob    bucket_objects_list", "bob    bucket_object_text"] {
        let line =
            shown.lines().find(|line| line.contains(refused)).ok_or("the step is in the transcript")?;
        assert!(line.contains("access_denied") && line.trim_start().starts_with("ok"), "{line}");
    }
    assert!(shown.contains("Connect as alice") && shown.contains("mcp-remote"), "{shown}");
    Ok(())
}

/// The calls of its session again, with the tokens that it shows, by a client that holds each answer to the tool's output schema.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_demo_answers_is_as_its_tools_say() -> Result<()> {
    let mut demo = tokio::process::Command::new(server()?)
        .args(["demo", "--listen", "127.0.0.1:0"])
        .env_remove("QUILT_MCP_LOG")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(demo.stdout.take().ok_or("piped above")?).lines();
    let mut shown: Vec<String> = Vec::new();
    while shown.last().is_none_or(|line| !line.starts_with("Serving.")) {
        let line = lines.next_line().await?.ok_or_else(|| shown.join("\n"))?;
        shown.push(line.trim().to_owned());
    }
    let url = shown.iter().find_map(|line| line.strip_prefix("MCP endpoint")).ok_or("an address")?.trim();
    for who in ["alice", "carol", "bob"] {
        let at = shown.iter().position(|line| line == who).ok_or("a token for each")?;
        let client = Client::connect(url, &shown[at + 1], Era::Initialize).await?;
        for (tool, arguments) in [
            ("bucket_list", json!({})),
            ("bucket_objects_list", json!({"bucket": "lab-a-plants"})),
            ("bucket_object_text", json!({"s3_uri": "s3://lab-a-plants/README.md"})),
            ("bucket_objects_put", json!({"bucket": "lab-a-plants", "items": [{"key": "x", "text": "x"}]})),
            ("check_bucket_access", json!({"bucket": "lab-a-plants"})),
            ("workflow_create", json!({"workflow_id": "again", "name": who})),
            ("workflow_list_all", json!({})),
        ] {
            let answer = client.call(tool, arguments).await?;
            assert!(who != "alice" || !answer.is_error, "{tool}: {}", answer.everything());
        }
    }
    let process = demo.id().ok_or("it serves")?;
    signal(process, Signal::TERM)?;
    assert!(demo.wait().await?.success());
    Ok(())
}
