//! The first command of the README, from the outside.

use std::process::Command;

use quilt_tests::Result;
use quilt_tests::server::server;

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
