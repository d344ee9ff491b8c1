//! The administration of a Quilt registry. Tokens need the scope for it, and the registry decides whether the caller may.

mod roles;
mod settings;
mod users;

pub use roles::{
    RoleList, admin_roles_list, admin_user_add_roles, admin_user_remove_roles, admin_user_set_role,
};
pub use settings::{
    OpenQuery, SsoAnswer, SsoInput, admin_sso_config_get, admin_sso_config_remove, admin_sso_config_set,
    admin_tabulator_open_query_get, admin_tabulator_open_query_set,
};
pub use users::{
    ChangedUser, DoneToUser, OneUser, UserList, admin_user_create, admin_user_delete, admin_user_get,
    admin_user_reset_password, admin_user_set_active, admin_user_set_admin, admin_user_set_email,
    admin_users_list,
};

/// The longest name of a user or a role that is sent.
const MAX_NAME: usize = 256;
/// The most roles in one call.
const MAX_ROLES: usize = 100;
