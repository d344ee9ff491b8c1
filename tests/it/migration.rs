//! What `docs/migration.md` names is there: settings, tools and tests. And what the older server had is in it: [`older`].

pub(crate) mod older;

use std::collections::BTreeSet;
use std::fs;

use self::older::in_backticks;
use crate::documents::defines;
use quilt_mcp::config::Setting;
use quilt_mcp::domain::deployment::Deployment;
use quilt_mcp::tools;
use quilt_tests::{Result, workspace};

const PAGE: &str = "docs/migration.md";

/// What is in backticks, without the first cell of tables about what was before.
fn named(page: &str) -> Vec<&str> {
    let mut about_before = false;
    let mut names = Vec::new();
    for line in page.lines() {
        about_before = line.starts_with("| older |") || (about_before && line.starts_with('|'));
        let here = if about_before { line.splitn(3, '|').nth(2).unwrap_or_default() } else { line };
        names.extend(in_backticks(here));
    }
    names
}

/// The words of the code that a piece of the page is.
fn words(piece: &str) -> impl Iterator<Item = &str> {
    piece.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).filter(|word| !word.is_empty())
}

/// What is named and is not there.
fn missing(page: &str) -> Result<Vec<String>> {
    let settings = Setting::ALL.iter().map(|setting| setting.variable());
    let variables: BTreeSet<String> = settings.chain(["QUILT_MCP_CONFIG".to_owned()]).collect();
    let flags: BTreeSet<String> = Setting::ALL.iter().map(|setting| setting.flag()).collect();
    let tools: BTreeSet<&str> =
        tools::table(Deployment::SingleUser).descriptors().map(|tool| tool.name).collect();
    let groups =
        ["bucket_", "workflow_", "auth_", "filesystem_", "discover_", "check_bucket_", "get_resource"];
    let mut missing = Vec::new();
    for piece in named(page) {
        if let Some((file, function)) = piece.split_once(".rs::") {
            let source = fs::read_to_string(workspace().join(format!("{file}.rs"))).unwrap_or_default();
            if !defines(&source, function) {
                missing.push(piece.to_owned());
            }
            continue;
        }
        for word in words(piece) {
            let is_there = match word {
                variable if variable.starts_with("QUILT_MCP_") => variables.contains(variable),
                flag if flag.starts_with("--") && flag.len() > 2 => flags.contains(flag),
                // Accessors of the examples and packages have names of their own.
                tool if groups.iter().any(|group| tool.starts_with(group)) && !tool.ends_with("_service") => {
                    tools.contains(tool)
                }
                _ => true,
            };
            if !is_there {
                missing.push(word.to_owned());
            }
        }
    }
    Ok(missing)
}

#[test]
fn what_the_page_names_is_there() -> Result<()> {
    let page = fs::read_to_string(workspace().join(PAGE))?;
    assert_eq!(missing(&page)?, [""; 0]);
    let named = named(&page).join(" ");
    for setting in [Setting::ServicesAuth, Setting::ServicesPermissions, Setting::ServicesWorkflows] {
        assert!(named.contains(&setting.variable()) && named.contains(&setting.flag()), "{setting:?}");
    }
    Ok(())
}

/// Each tool of the three services is in the table of what moves over.
#[test]
fn each_tool_of_the_services_is_in_the_table() -> Result<()> {
    let page = fs::read_to_string(workspace().join(PAGE))?;
    let of_services = ["bucket_", "workflow_", "auth_", "discover_permissions", "check_bucket_access"];
    for tool in tools::table(Deployment::SingleUser).descriptors().map(|tool| tool.name) {
        let moves = of_services.iter().any(|group| tool.starts_with(group));
        assert!(!moves || page.contains(&format!("| `{tool}` |")), "`{tool}` is not in {PAGE}");
    }
    Ok(())
}

#[test]
fn what_is_not_there_is_found() -> Result<()> {
    let page = "`QUILT_MCP_NOTHING=1` `--no-such-flag` `bucket_nothing` `tests/it/migration.rs::nothing` `QUILT_MCP_LISTEN`\n\
                | older | here |\n| `QUILT_MCP_OLD` | `QUILT_MCP_OTHER` |\n| `workflow_old` | `workflow_new` |\n";
    let expected = [
        "QUILT_MCP_NOTHING",
        "--no-such-flag",
        "bucket_nothing",
        "tests/it/migration.rs::nothing",
        "QUILT_MCP_OTHER",
        "workflow_new",
    ];
    assert_eq!(missing(page)?, expected);
    Ok(())
}
