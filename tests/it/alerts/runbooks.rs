//! What the runbooks tell people to type can be typed: it is shell, what it looks for in figures and in the log is there to be
//! found, and the program knows its own commands. What asks the machine itself (systemd, the disk) is held to be shell only.

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::Parser as _;
use quilt_mcp::cli::Cli;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use quilt_tests::{Result, workspace};

use super::{read, with_other_issuers};
use crate::stage::Stage;

/// What commands begin with.
const PROGRAMS: [&str; 12] = [
    "aws",
    "cp",
    "curl",
    "df",
    "dmesg",
    "export",
    "fuser",
    "journalctl",
    "ls",
    "promtool",
    "quilt-mcp",
    "systemctl",
];

/// What is set in code within the text, and lines of blocks of it, as far as it is commands.
fn commands(page: &str) -> Vec<&str> {
    let is_command = |text: &&str| {
        let mut words = text.split_whitespace();
        words.next().is_some_and(|first| PROGRAMS.contains(&first)) && words.next().is_some()
    };
    let within = page.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let blocks = page.split("```").skip(1).step_by(2).flat_map(str::lines);
    within.chain(blocks).filter(is_command).collect()
}

/// What is wrong with the commands of a page, given what `/metrics` says and all sources.
fn findings(page: &str, figures: &Path, sources: &str) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for command in commands(page) {
        let parsed = Command::new("sh").args(["-n", "-c", command]).output()?;
        if !parsed.status.success() {
            findings.push(format!("no shell: {command}"));
        }
        if command.contains("$ADMIN/metrics") {
            let looks = command
                .replace("curl -s $ADMIN/metrics", "cat \"$FIGURES\"")
                .replace("curl -s $ADMIN/readyz", ":")
                // Nothing has happened yet.
                .replace(" | grep -v ' 0$'", "");
            let found = Command::new("sh").args(["-c", &looks]).env("FIGURES", figures).output()?;
            if !found.status.success() || found.stdout.is_empty() {
                findings.push(format!("finds no figure: {command}"));
            }
        }
        for message in command.split(".message == \"").skip(1).filter_map(|rest| rest.split('"').next()) {
            if !sources.contains(&format!("\"{}\"", message.replace("\\u0027", "'"))) {
                findings.push(format!("nothing logs {message:?}: {command}"));
            }
        }
        let own = command.split('|').next().unwrap_or_default();
        if own.starts_with("quilt-mcp ") && Cli::try_parse_from(own.split_whitespace()).is_err() {
            findings.push(format!("no command of the program: {command}"));
        }
    }
    Ok(findings)
}

/// All Rust below a directory.
fn sources(directory: &Path) -> Result<String> {
    let mut all = String::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            all += &sources(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all += &fs::read_to_string(path)?;
        }
    }
    Ok(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runbooks_say_to_type_can_be_typed() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::Everything).await?;
    let (plan, _issuer) = with_other_issuers(Plan::multi_tenant(&world)?, &world).await?;
    let stage = Stage::start(world, plan).await?;
    let directory = tempfile::tempdir()?;
    let figures = directory.path().join("metrics");
    fs::write(&figures, stage.server.metrics_text().await?)?;
    let sources = sources(&workspace().join("quilt-mcp/src"))?;

    let page = read("docs/runbooks.md")?;
    assert!(commands(&page).len() > 40, "{:?}", commands(&page));
    assert_eq!(findings(&page, &figures, &sources)?, Vec::<String>::new());

    let wrong = "`curl -s $ADMIN/metrics | grep no_such_figure`, `journalctl | jq 'select(.message == \"never said\")'`,\n\
                 `quilt-mcp repair --all` and `ls $(df -h`.";
    assert_eq!(findings(wrong, &figures, &sources)?.len(), 4, "each of them is found");
    Ok(())
}
