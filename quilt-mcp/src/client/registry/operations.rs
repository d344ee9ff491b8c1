//! The operations, each typed by its document in `graphql/`: one that the schema beside them does not allow does not compile.

mod browsing;
mod sso;
mod tabulator;
mod users;

pub(crate) use browsing::{
    BrowsingSessionCreate, BrowsingSessionDispose, browsing_session_create, browsing_session_dispose,
};
pub(crate) use sso::{SsoConfigGet, SsoConfigSet, sso_config_get, sso_config_set};
pub(crate) use tabulator::{
    ChangesTable, TabulatorOpenQuery, TabulatorOpenQuerySet, TabulatorTableRename, TabulatorTableSet,
    TabulatorTables, tabulator_open_query, tabulator_open_query_set, tabulator_table_rename,
    tabulator_table_set, tabulator_tables,
};
pub(crate) use users::{
    ActsOnUser, ChangesUser, RolesList, UserAddRoles, UserCreate, UserDelete, UserGet, UserRemoveRoles,
    UserResetPassword, UserSetActive, UserSetAdmin, UserSetEmail, UserSetRole, UsersList, roles_list,
    user_add_roles, user_create, user_delete, user_get, user_remove_roles, user_reset_password,
    user_set_active, user_set_admin, user_set_email, user_set_role, users_list,
};

/// An operation that changes nothing, and may be asked again.
pub(crate) trait Reads {}

/// Makes types of operations in documents.
macro_rules! operations {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident in $path:tt;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, graphql_client::GraphQLQuery)]
        #[graphql(schema_path = "graphql/schema.graphql", query_path = $path, response_derives = "Debug")]
        pub(crate) struct $name;

        operations!(@$kind $name);
    )*};
    (@query $name:ident) => { impl $crate::client::registry::operations::Reads for $name {} };
    (@mutation $name:ident) => {};
}
use operations;

/// The two ways in which a change is not made, of a generated type.
macro_rules! declined {
    ($input:expr) => {
        $crate::client::registry::declined::Declined::Input(
            $input.errors.into_iter().map(|error| (error.path, error.message)).collect(),
        )
    };
    (operation $error:expr) => {
        $crate::client::registry::declined::Declined::Operation { name: $error.name, message: $error.message }
    };
}
use declined;

operations! {
    /// Who the registry takes the caller for.
    query Me in "graphql/me.graphql";
    /// Whether the registry knows the bearer of a token. It asks for no more than it needs.
    query Vouch in "graphql/vouch.graphql";
    /// The buckets that the caller may see.
    query BucketConfigs in "graphql/bucket_configs.graphql";
}
