//! Every tool, in the order in which clients see them.

pub mod admin;
pub mod athena;
pub mod buckets;
pub mod catalog;
pub mod completion;
pub mod metadata;
pub mod packages;
pub mod permissions;
pub mod prompts;
pub mod resources;
pub mod search;
pub mod status;
pub mod summaries;
pub mod tabulator;
pub mod visualization;
pub mod workflow;

use quilt_scope::{ToolSet, tool_set};

use crate::domain::deployment::Deployment;
use crate::scope::RequestScope;

/// The list, for the macro that an invocation names. What else it names is put where it says `of_this_mode`: tools that not
/// every server has.
macro_rules! tools {
    ($for:ident: $($of_this_mode:tt)*) => {
        $for![
            buckets::bucket_list,
            buckets::bucket_objects_list,
            buckets::bucket_object_info,
            buckets::bucket_object_text,
            buckets::bucket_object_fetch,
            buckets::bucket_objects_put,
            buckets::bucket_object_link,
            packages::packages_list,
            packages::package_browse,
            packages::package_versions_list,
            packages::package_diff,
            packages::package_verify,
            packages::package_file_link,
            packages::package_create,
            packages::package_update,
            packages::package_create_from_s3,
            packages::package_rollback,
            packages::package_delete,
            summaries::generate_quilt_summarize_json,
            summaries::generate_package_visualizations,
            summaries::create_quilt_summary_files,
            visualization::create_data_visualization,
            metadata::list_metadata_templates,
            metadata::get_metadata_template,
            metadata::validate_metadata_structure,
            metadata::show_metadata_examples,
            metadata::fix_metadata_validation_issues,
            search::search_catalog,
            search::search_suggest,
            search::search_explain,
            search::search_docs_quilt_bio,
            catalog::catalog_url,
            catalog::catalog_uri,
            catalog::catalog_info,
            athena::athena_databases_list,
            athena::athena_tables_list,
            athena::athena_table_schema,
            athena::athena_workgroups_list,
            athena::athena_query_execute,
            athena::athena_query_results,
            athena::athena_query_history,
            athena::athena_query_validate,
            athena::tabulator_buckets_list,
            athena::tabulator_bucket_query,
            $($of_this_mode)*
            permissions::discover_permissions,
            permissions::check_bucket_access,
            permissions::bucket_recommendations_get,
            workflow::workflow_create,
            workflow::workflow_add_step,
            workflow::workflow_update_step,
            workflow::workflow_get_status,
            workflow::workflow_list_all,
            workflow::workflow_template_apply,
            workflow::workflow_delete,
            tabulator::tabulator_tables_list,
            tabulator::tabulator_table_get,
            tabulator::tabulator_table_create,
            tabulator::tabulator_table_rename,
            tabulator::tabulator_table_delete,
            tabulator::tabulator_open_query_status,
            tabulator::tabulator_open_query_toggle,
            admin::admin_users_list,
            admin::admin_user_get,
            admin::admin_user_create,
            admin::admin_user_set_email,
            admin::admin_user_set_admin,
            admin::admin_user_set_active,
            admin::admin_user_reset_password,
            admin::admin_user_set_role,
            admin::admin_user_add_roles,
            admin::admin_user_remove_roles,
            admin::admin_user_delete,
            admin::admin_roles_list,
            admin::admin_sso_config_get,
            admin::admin_sso_config_set,
            admin::admin_sso_config_remove,
            admin::admin_tabulator_open_query_get,
            admin::admin_tabulator_open_query_set,
            status::auth_status,
            status::filesystem_status,
            resources::get_resource,
        ]
    };
}

/// The table that names the scope, so that the message about a service of the request that lacks something names a tool, too. It is the
/// one with all tools.
macro_rules! tool_set_of_the_request {
    ($($tool:tt)*) => { tool_set![RequestScope<'static>: $($tool)*] };
}

/// The table of a server that works so. Two tools of one name, or a tool that takes by reference what a request does not
/// provide, do not compile.
pub fn table(mode: Deployment) -> ToolSet<RequestScope<'static>> {
    match mode {
        // The one changes what the whole process does, the other writes to its machine: for who owns both.
        Deployment::SingleUser => {
            tools![tool_set_of_the_request: catalog::catalog_configure, packages::package_install,]
        }
        Deployment::MultiTenant => tools![tool_set:],
    }
}

/// Each tool of a list, and the module that it is in.
macro_rules! by_module {
    ($($module:ident::$tool:ident,)*) => { &[$((stringify!($tool), stringify!($module)),)*] };
}

/// Every tool of [`table`] and of [`unlisted`] with its group: those of a module do the same kind of work.
pub fn groups(mode: Deployment) -> Vec<(&'static str, &'static str)> {
    let listed: &[_] = match mode {
        Deployment::SingleUser => tools![by_module: catalog::catalog_configure, packages::package_install,],
        Deployment::MultiTenant => tools![by_module:],
    };
    listed.iter().copied().chain([(COMPLETER, "completion")]).collect()
}

/// What clients ask for otherwise than by calling a tool, answered in a scope as a tool is. Never listed.
pub fn unlisted() -> ToolSet<RequestScope<'static>> {
    tool_set![completion::complete_argument]
}

/// The one of [`unlisted`] that completes arguments.
pub const COMPLETER: &str = "complete_argument";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_has_its_group() {
        for mode in [Deployment::SingleUser, Deployment::MultiTenant] {
            let (listed, unlisted) = (table(mode), unlisted());
            let called = listed.descriptors().chain(unlisted.descriptors()).map(|tool| tool.name);
            let grouped = groups(mode);
            assert_eq!(called.collect::<Vec<_>>(), grouped.iter().map(|(tool, _)| *tool).collect::<Vec<_>>());
            assert!(grouped.contains(&("workflow_create", "workflow")), "{grouped:?}");
        }
    }
}
