//! The tools, functions and resources of the Python server that this one replaces, and where they are here.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use quilt_mcp::domain::deployment::Deployment;
use quilt_mcp::tools;
use quilt_mcp::tools::resources::RESOURCES;

/// Every tool that it had in any of its versions, and every function that was written as one.
const THEIRS: &[&str] = &[
    "admin_roles_list",
    "admin_sso_config_get",
    "admin_sso_config_remove",
    "admin_sso_config_set",
    "admin_tabulator_open_query_get",
    "admin_tabulator_open_query_set",
    "admin_user_add_roles",
    "admin_user_create",
    "admin_user_delete",
    "admin_user_get",
    "admin_user_remove_roles",
    "admin_user_reset_password",
    "admin_user_set_active",
    "admin_user_set_admin",
    "admin_user_set_email",
    "admin_user_set_role",
    "admin_users_list",
    "athena_databases_list",
    "athena_query_execute",
    "athena_query_history",
    "athena_query_validate",
    "athena_table_schema",
    "athena_tables_list",
    "athena_workgroups_list",
    "auth_status",
    "aws_permissions_discover",
    "bucket_access_check",
    "bucket_list",
    "bucket_object_fetch",
    "bucket_object_info",
    "bucket_object_link",
    "bucket_object_text",
    "bucket_objects_list",
    "bucket_objects_put",
    "bucket_recommendations_get",
    "catalog_configure",
    "catalog_info",
    "catalog_name",
    "catalog_uri",
    "catalog_url",
    "check_bucket_access",
    "create_data_visualization",
    "create_quilt_summary_files",
    "discover_permissions",
    "filesystem_status",
    "fix_metadata_validation_issues",
    "generate_package_visualizations",
    "generate_quilt_summarize_json",
    "get_metadata_template",
    "get_permission_discovery",
    "get_resource",
    "get_tabulator_service",
    "list_metadata_templates",
    "list_tabulator_buckets",
    "list_tabulator_tables",
    "package_browse",
    "package_create",
    "package_create_from_s3",
    "package_delete",
    "package_diff",
    "package_update",
    "packages_list",
    "search_catalog",
    "search_docs_quilt_bio",
    "search_explain",
    "search_graphql",
    "search_objects_graphql",
    "search_suggest",
    "show_metadata_examples",
    "tabulator_bucket_query",
    "tabulator_buckets_list",
    "tabulator_list_buckets",
    "tabulator_open_query_status",
    "tabulator_open_query_toggle",
    "tabulator_query_execute",
    "tabulator_table_create",
    "tabulator_table_delete",
    "tabulator_table_rename",
    "tabulator_tables_list",
    "workflow_add_step",
    "workflow_create",
    "workflow_delete",
    "workflow_get_status",
    "workflow_list_all",
    "workflow_template_apply",
    "workflow_update_step",
];

/// Its resources.
const THEIR_RESOURCES: &[&str] = &[
    "admin://config/sso",
    "admin://config/tabulator",
    "admin://roles",
    "admin://users",
    "athena://databases",
    "athena://query/history",
    "athena://workgroups",
    "auth://catalog/info",
    "auth://filesystem/status",
    "auth://status",
    "metadata://examples",
    "metadata://templates",
    "metadata://troubleshooting",
    "tabulator://buckets",
    "workflow://workflows",
];

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

/// What its registry client could do and none of its tools did, and why that is not here either.
const UNUSED: &[(&str, &str)] = &[(
    "browsing sessions",
    "No tool of the Python server opened one. What a session gives is for a browser: the registry wants the cookie of whoever \
     looks at the catalog, and refuses a token. Links to the files of a package are signed with the caller's own keys, by \
     `package_browse` and `bucket_object_link`.",
)];

fn reason(name: &str) -> Option<&'static str> {
    REASONS.iter().find(|(start, _)| name.starts_with(start)).map(|(_, reason)| *reason)
}

/// What theirs is not here, in order: names of tools, then URIs.
fn absent() -> Vec<&'static str> {
    let table = tools::table(Deployment::SingleUser);
    let uris: BTreeSet<&str> = RESOURCES.iter().map(|resource| resource.uri).collect();
    let tools = THEIRS.iter().filter(|name| table.descriptor(name).is_none());
    tools.chain(THEIR_RESOURCES.iter().filter(|uri| !uris.contains(*uri))).copied().collect()
}

/// For the list of tools.
pub(super) fn absent_list() -> String {
    let mut text = "\n# What is not here\n\nTools, functions and resources of the Python server `quilt-mcp-server` that this one does \
                    not have.\n\n| name | why |\n|---|---|\n"
        .to_owned();
    for name in absent() {
        let _ = writeln!(text, "| `{name}` | {} |", reason(name).unwrap_or("?"));
    }
    for (what, why) in UNUSED {
        let _ = writeln!(text, "| {what} | {why} |");
    }
    text
}

#[test]
fn whatever_the_python_server_had_is_here_or_there_is_a_reason() {
    let without: Vec<&str> = absent().into_iter().filter(|name| reason(name).is_none()).collect();
    assert!(without.is_empty(), "neither a tool nor a reason: {without:?}");
}
