//! Every tool, in the order in which clients see them.

pub mod buckets;
pub mod packages;
pub mod permissions;
pub mod resources;
pub mod status;
pub mod workflow;

use quilt_scope::{ToolSet, tool_set};

use crate::scope::RequestScope;

/// The table. Two tools of one name, or a tool that takes by reference what a request does not provide, do not compile.
pub fn table() -> ToolSet<RequestScope<'static>> {
    tool_set![
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
        packages::package_install,
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
        status::auth_status,
        status::filesystem_status,
        resources::get_resource,
    ]
}
