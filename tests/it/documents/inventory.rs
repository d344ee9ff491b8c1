//! The tools, functions and resources of the Python server that this one replaces, and where they are here.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use quilt_mcp::domain::deployment::Deployment;
use quilt_mcp::tools;
use quilt_mcp::tools::resources::RESOURCES;

use crate::migration::older::had;

/// What begins so is not here, and why. A name that is a tool needs no reason.
const REASONS: &[(&str, &str)] = &[
    ("aws_permissions_discover", "Another name of `discover_permissions`."),
    ("bucket_access_check", "Another name of `check_bucket_access`."),
    ("catalog_name", "`catalog_info` says it."),
    ("get_permission_discovery", "No tool: it gave the Python server's parts to each other."),
    ("get_tabulator_service", "No tool: it gave the Python server's parts to each other."),
    ("list_tabulator_tables", "Another name of `tabulator_tables_list`."),
    ("list_tabulator_buckets", "Another name of `tabulator_buckets_list`."),
    (
        "search_graphql",
        "Any query at all, which nobody could hold to what the caller means. `search_catalog` searches.",
    ),
    ("search_objects_graphql", "`search_catalog` searches objects."),
    ("tabulator_list_buckets", "Another name of `tabulator_buckets_list`."),
    ("tabulator_query_execute", "`athena_query_execute` does it, in the Tabulator's data catalog."),
];

fn reason(name: &str) -> Option<&'static str> {
    REASONS.iter().find(|(start, _)| name.starts_with(start)).map(|(_, reason)| *reason)
}

/// What theirs is not here, in order: names of tools, then URIs.
fn absent() -> Vec<&'static str> {
    let table = tools::table(Deployment::SingleUser);
    let uris: BTreeSet<&str> = RESOURCES.iter().map(|resource| resource.uri).collect();
    let tools: BTreeSet<&str> = had("tool").chain(had("function")).map(|words| words[0]).collect();
    let tools = tools.into_iter().filter(|name| table.descriptor(name).is_none());
    tools.chain(had("resource").map(|words| words[0]).filter(|uri| !uris.contains(uri))).collect()
}

/// For the list of tools.
pub(super) fn absent_list() -> String {
    let mut text = "\n# What is not here\n\nTools, functions and resources of the Python server `quilt-mcp-server` that this one does \
                    not have.\n\n| name | why |\n|---|---|\n"
        .to_owned();
    for name in absent() {
        let _ = writeln!(text, "| `{name}` | {} |", reason(name).unwrap_or("?"));
    }
    text
}

#[test]
fn whatever_the_python_server_had_is_here_or_there_is_a_reason() {
    let without: Vec<&str> = absent().into_iter().filter(|name| reason(name).is_none()).collect();
    assert!(without.is_empty(), "neither a tool nor a reason: {without:?}");
}
