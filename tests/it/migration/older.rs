//! The older server by name, as `tests/golden/older_server.txt` has it, and where `docs/migration.md` says each is now.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use quilt_mcp::config::Setting;
use quilt_mcp::domain::deployment::Deployment;
use quilt_mcp::tools;
use quilt_mcp::tools::resources::RESOURCES;
use quilt_tests::{Result, workspace};
use serde_json::{Map, Value};

use super::PAGE;

const FACTS: &str = include_str!("../../golden/older_server.txt");

/// What it had of one kind: `tool`, `function`, `resource` or `setting`. The rest of each line, in words.
pub(crate) fn had(kind: &str) -> impl Iterator<Item = Vec<&'static str>> {
    FACTS
        .lines()
        .filter_map(move |line| Some(line.strip_prefix(kind)?.strip_prefix(' ')?.split(' ').collect()))
}

/// The rows of a page's table with this first line, each as its cells.
fn rows<'p>(page: &'p str, head: &str) -> Vec<Vec<&'p str>> {
    let table = page.lines().skip_while(|line| *line != head).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

pub(super) fn in_backticks(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What of the older server the page does not place, or places where there is nothing.
fn unplaced(page: &str) -> Vec<String> {
    let mut unplaced = Vec::new();
    let table = tools::table(Deployment::SingleUser);
    let tool_rows = rows(page, "| older | here | service | what is different |");
    let places: BTreeMap<&str, &[&str]> =
        tool_rows.iter().filter_map(|row| Some((in_backticks(row[0]).next()?, &row[1..]))).collect();
    for name in had("tool").chain(had("function")).map(|words| words[0]) {
        match places.get(name) {
            None => unplaced.push(format!("`{name}` has no row")),
            Some([here, ..])
                if in_backticks(here).next().is_some_and(|tool| table.descriptor(tool).is_some()) => {}
            Some(["not here", _, why]) if !why.is_empty() => {}
            Some(cells) => {
                unplaced.push(format!("`{name}` is neither a tool nor is it said why not: {cells:?}"));
            }
        }
    }

    let parameter_rows = rows(page, "| older parameter | of | here |");
    let told: BTreeSet<(&str, &str)> = parameter_rows
        .iter()
        .flat_map(|row| in_backticks(row[1]).map(|tool| (tool, row[0].trim_matches('`'))))
        .collect();
    for words in had("tool") {
        let Some(tool) = table.descriptor(words[0]) else { continue };
        let at = |schema: &Map<String, Value>, name: &str| {
            schema.get("properties").is_some_and(|properties| properties.get(name).is_some())
        };
        for parameter in words.iter().skip(2).filter(|word| **word != "[result]") {
            let is_here = at(&tool.input_schema, parameter);
            if is_here == told.contains(&(words[0], *parameter)) {
                unplaced
                    .push(format!("`{parameter}` of `{}`: here {is_here}, told of {}", words[0], !is_here));
            }
        }
        // Inside `result` there, and not here: clients must be told.
        if words.contains(&"[result]") {
            if at(&tool.output_schema, "result") || !at(&tool.output_schema, "success") {
                unplaced.push(format!("`{}` answers in another form than the page says", words[0]));
            }
            let answers = page.split("**Answers**").nth(1).and_then(|rest| rest.split("**Failures**").next());
            if !answers.is_some_and(|text| in_backticks(text).any(|named| named == words[0])) {
                unplaced.push(format!("that the answer of `{}` is no longer inside `result`", words[0]));
            }
        }
    }

    let uris: BTreeSet<&str> = RESOURCES.iter().map(|resource| resource.uri).collect();
    unplaced.extend(
        had("resource").map(|words| words[0]).filter(|uri| !uris.contains(uri)).map(|uri| format!("`{uri}`")),
    );
    let setting_rows = rows(page, "| older | here |");
    let settings: BTreeMap<&str, &str> =
        setting_rows.iter().flat_map(|row| in_backticks(row[0]).map(|name| (name, row[1]))).collect();
    for name in had("setting").map(|words| words[0]) {
        if settings.get(name).is_none_or(|here| here.is_empty()) {
            unplaced.push(format!("the setting `{name}` has no row"));
        }
    }
    unplaced
}

#[test]
fn whatever_the_older_server_had_has_its_place() -> Result<()> {
    let page = fs::read_to_string(workspace().join(PAGE))?;
    let counts = ["tool", "function", "resource", "setting"].map(|kind| had(kind).count());
    assert_eq!(counts, [58, 28, 15, 57], "the facts");
    assert_eq!(unplaced(&page), [""; 0]);
    Ok(())
}

/// What the page says of settings that begin as ours do: that the server stops.
#[test]
fn older_settings_with_our_prefix_are_no_settings_here() {
    let ours: BTreeSet<String> = Setting::ALL.iter().map(|setting| setting.variable()).collect();
    let prefixed: Vec<_> =
        had("setting").map(|words| words[0]).filter(|name| name.starts_with("QUILT_MCP_")).collect();
    assert_eq!(prefixed.len(), 5);
    assert!(prefixed.iter().all(|name| !ours.contains(*name)), "{prefixed:?}");
}

#[test]
fn a_place_that_is_missing_or_wrong_is_found() -> Result<()> {
    let page = fs::read_to_string(workspace().join(PAGE))?;
    for (row, other) in [
        ("| `package_diff` | `package_diff` |", "| `package_diffs` | `package_diff` |"),
        ("| `package_diff` | `package_diff` |", "| `package_diff` | `no_such_tool` |"),
        ("| `copy` | `package_create_from_s3` |", "| `copy` | `package_create` |"),
        ("| `MCP_JWT_ISSUER`, ", "| "),
        ("`athena_tables_list`, `bucket_object_fetch`", "`bucket_object_fetch`"),
    ] {
        let changed = page.replacen(row, other, 1);
        assert_ne!(changed, page, "{row}");
        assert!(!unplaced(&changed).is_empty(), "{row}");
    }
    Ok(())
}
