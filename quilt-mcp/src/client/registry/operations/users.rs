//! Users and their roles.

use graphql_client::GraphQLQuery;

use super::{declined, operations};
use crate::client::registry::declined::Declined;
use crate::domain::registry::{RegistryRole, RegistryUser, RoleKind};

type Datetime = String;

operations! {
    /// Everybody with an account.
    query UsersList in "graphql/users.graphql";
    /// Somebody by name.
    query UserGet in "graphql/users.graphql";
    /// All roles.
    query RolesList in "graphql/users.graphql";
    /// Opens an account.
    mutation UserCreate in "graphql/users.graphql";
    /// Sets an e-mail address.
    mutation UserSetEmail in "graphql/users.graphql";
    /// Makes somebody an administrator, or no longer one.
    mutation UserSetAdmin in "graphql/users.graphql";
    /// Lets somebody sign in, or no longer.
    mutation UserSetActive in "graphql/users.graphql";
    /// Sets the role, and the other roles.
    mutation UserSetRole in "graphql/users.graphql";
    /// Adds other roles.
    mutation UserAddRoles in "graphql/users.graphql";
    /// Takes roles away.
    mutation UserRemoveRoles in "graphql/users.graphql";
    /// Closes an account.
    mutation UserDelete in "graphql/user_actions.graphql";
    /// Has somebody choose a new password.
    mutation UserResetPassword in "graphql/user_actions.graphql";
}

/// A change of one user, who is then so. `None`: there is no such user.
pub(crate) trait ChangesUser: GraphQLQuery {
    /// How it went.
    fn changed(data: Self::ResponseData) -> Option<Result<RegistryUser, Declined>>;
}

/// Something that happens to one user. `None`: there is no such user.
pub(crate) trait ActsOnUser: GraphQLQuery {
    /// How it went.
    fn outcome(data: Self::ResponseData) -> Option<Result<(), Declined>>;
}

/// Each operation has types of its own for the same fragments. These make them one.
macro_rules! roles_of {
    ($($module:ident)*) => {$(
        impl From<$module::RoleFields> for RegistryRole {
            fn from(role: $module::RoleFields) -> Self {
                match role {
                    $module::RoleFields::ManagedRole(role) => {
                        Self { id: role.id, name: role.name, arn: role.arn, kind: RoleKind::Managed }
                    }
                    $module::RoleFields::UnmanagedRole(role) => {
                        Self { id: role.id, name: role.name, arn: role.arn, kind: RoleKind::Unmanaged }
                    }
                }
            }
        }
    )*};
}

macro_rules! users_of {
    ($($module:ident)*) => {$(
        roles_of!($module);

        impl From<$module::UserFields> for RegistryUser {
            fn from(user: $module::UserFields) -> Self {
                Self {
                    name: user.name,
                    email: user.email,
                    is_active: user.is_active,
                    is_admin: user.is_admin,
                    is_sso_only: user.is_sso_only,
                    is_service: user.is_service,
                    date_joined: user.date_joined,
                    last_login: user.last_login,
                    role: user.role.map(Into::into),
                    extra_roles: user.extra_roles.into_iter().map(Into::into).collect(),
                }
            }
        }
    )*};
}

macro_rules! changes_user {
    ($($name:ident in $module:ident: |$data:ident| $changed:expr;)*) => {$(
        users_of!($module);

        impl ChangesUser for $name {
            fn changed($data: Self::ResponseData) -> Option<Result<RegistryUser, Declined>> {
                Some(match $changed {
                    $module::Change::User(user) => Ok(user.into()),
                    $module::Change::InvalidInput(input) => Err(declined!(input)),
                    $module::Change::OperationError(error) => Err(declined!(operation error)),
                })
            }
        }
    )*};
}

macro_rules! acts_on_user {
    ($($name:ident in $module:ident;)*) => {$(
        impl ActsOnUser for $name {
            fn outcome(data: Self::ResponseData) -> Option<Result<(), Declined>> {
                Some(match data.admin.user.mutate?.outcome {
                    $module::Outcome::Ok => Ok(()),
                    $module::Outcome::InvalidInput(input) => Err(declined!(input)),
                    $module::Outcome::OperationError(error) => Err(declined!(operation error)),
                })
            }
        }
    )*};
}

roles_of! { roles_list }
users_of! { users_list user_get }
changes_user! {
    UserCreate in user_create: |data| data.admin.user.changed;
    UserSetEmail in user_set_email: |data| data.admin.user.mutate?.changed;
    UserSetAdmin in user_set_admin: |data| data.admin.user.mutate?.changed;
    UserSetActive in user_set_active: |data| data.admin.user.mutate?.changed;
    UserSetRole in user_set_role: |data| data.admin.user.mutate?.changed;
    UserAddRoles in user_add_roles: |data| data.admin.user.mutate?.changed;
    UserRemoveRoles in user_remove_roles: |data| data.admin.user.mutate?.changed;
}
acts_on_user! {
    UserDelete in user_delete;
    UserResetPassword in user_reset_password;
}
