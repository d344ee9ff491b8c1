//! The administration of a Quilt registry: users, roles, single sign-on.
//!
//! Whether the caller administers the registry is for the registry to say, each time.

use quilt_scope::service;

use crate::client::registry::RegistryClient;
use crate::client::registry::operations::{
    ActsOnUser, ChangesUser, RolesList, SsoConfigGet, SsoConfigSet, UserAddRoles, UserCreate, UserDelete,
    UserGet, UserRemoveRoles, UserResetPassword, UserSetActive, UserSetAdmin, UserSetEmail, UserSetRole,
    UsersList, roles_list, sso_config_get, sso_config_set, user_add_roles, user_create, user_delete,
    user_get, user_remove_roles, user_reset_password, user_set_active, user_set_admin, user_set_email,
    user_set_role, users_list,
};
use crate::domain::registry::{RegistryRole, RegistryUser, SsoConfig};
use crate::error::ToolError;

/// The administration of the caller's registry.
///
/// Every method fails with `access_denied` if the registry does not take the caller for an administrator, with `not_found`
/// for a user that there is not, and otherwise as [`RegistryClient`] says.
#[derive(Debug)]
pub struct AdminService<'req> {
    client: &'req RegistryClient<'req>,
}

#[service]
impl<'req> AdminService<'req> {
    /// For the caller of this request. Asks nobody anything yet.
    pub fn new(client: &'req RegistryClient<'req>) -> Self {
        Self { client }
    }
}

/// Who is to have an account.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The name of the role.
    pub role: String,
    /// The names of other roles.
    pub extra_roles: Vec<String>,
}

/// Which roles somebody is to have.
#[derive(Clone, Debug)]
pub struct NewRoles {
    /// The name of the role.
    pub role: String,
    /// The names of the other roles.
    pub extra_roles: Option<Vec<String>>,
    /// Whether the other roles are added to those there are, instead of taking their place.
    pub append: bool,
}

impl AdminService<'_> {
    /// Everybody with an account.
    ///
    /// # Errors
    ///
    /// See [`AdminService`].
    pub async fn users(&self) -> Result<Vec<RegistryUser>, ToolError> {
        let found = self.client.query::<UsersList>(users_list::Variables).await?;
        Ok(found.admin.user.list.into_iter().map(Into::into).collect())
    }

    /// Somebody by name.
    ///
    /// # Errors
    ///
    /// See [`AdminService`].
    pub async fn user(&self, name: &str) -> Result<RegistryUser, ToolError> {
        let found = self.client.query::<UserGet>(user_get::Variables { name: name.to_owned() }).await?;
        found.admin.user.get.map(Into::into).ok_or_else(|| no_user(name))
    }

    /// Opens an account.
    ///
    /// # Errors
    ///
    /// See [`AdminService`]; `conflict` if there is one of that name.
    pub async fn create(&self, user: NewUser) -> Result<RegistryUser, ToolError> {
        let NewUser { name, email, role, extra_roles } = user;
        let input =
            user_create::UserInput { name: name.clone(), email, role, extra_roles: Some(extra_roles) };
        self.change::<UserCreate>(&name, user_create::Variables { input }).await
    }

    /// Sets an e-mail address.
    ///
    /// # Errors
    ///
    /// See [`AdminService`].
    pub async fn set_email(&self, name: &str, email: String) -> Result<RegistryUser, ToolError> {
        self.change::<UserSetEmail>(name, user_set_email::Variables { name: name.to_owned(), email }).await
    }

    /// Makes somebody an administrator, or no longer one.
    ///
    /// # Errors
    ///
    /// See [`AdminService`].
    pub async fn set_admin(&self, name: &str, admin: bool) -> Result<RegistryUser, ToolError> {
        self.change::<UserSetAdmin>(name, user_set_admin::Variables { name: name.to_owned(), admin }).await
    }

    /// Lets somebody sign in, or no longer.
    ///
    /// # Errors
    ///
    /// See [`AdminService`].
    pub async fn set_active(&self, name: &str, active: bool) -> Result<RegistryUser, ToolError> {
        self.change::<UserSetActive>(name, user_set_active::Variables { name: name.to_owned(), active }).await
    }

    /// Sets the role, and the other roles.
    ///
    /// # Errors
    ///
    /// See [`AdminService`]; `not_found` also for a role that there is not.
    pub async fn set_roles(&self, name: &str, roles: NewRoles) -> Result<RegistryUser, ToolError> {
        let NewRoles { role, extra_roles, append } = roles;
        // Whether a registry takes none to mean "no others" is not said: to add nothing keeps them in any case.
        let (extra_roles, append) = extra_roles.map_or((Vec::new(), true), |roles| (roles, append));
        let variables =
            user_set_role::Variables { name: name.to_owned(), role, extra_roles: Some(extra_roles), append };
        self.change::<UserSetRole>(name, variables).await
    }

    /// Adds other roles.
    ///
    /// # Errors
    ///
    /// As [`set_roles`](Self::set_roles).
    pub async fn add_roles(&self, name: &str, roles: Vec<String>) -> Result<RegistryUser, ToolError> {
        self.change::<UserAddRoles>(name, user_add_roles::Variables { name: name.to_owned(), roles }).await
    }

    /// Takes roles away. If the role that counts is among them, `fallback` takes its place.
    ///
    /// # Errors
    ///
    /// As [`set_roles`](Self::set_roles).
    pub async fn remove_roles(
        &self,
        name: &str,
        roles: Vec<String>,
        fallback: Option<String>,
    ) -> Result<RegistryUser, ToolError> {
        let variables = user_remove_roles::Variables { name: name.to_owned(), roles, fallback };
        self.change::<UserRemoveRoles>(name, variables).await
    }

    /// Closes an account.
    ///
    /// # Errors
    ///
    /// See [`AdminService`].
    pub async fn delete(&self, name: &str) -> Result<(), ToolError> {
        self.act::<UserDelete>(name, user_delete::Variables { name: name.to_owned() }).await
    }

    /// Has somebody choose a new password: the registry writes to them.
    ///
    /// # Errors
    ///
    /// See [`AdminService`].
    pub async fn reset_password(&self, name: &str) -> Result<(), ToolError> {
        self.act::<UserResetPassword>(name, user_reset_password::Variables { name: name.to_owned() }).await
    }

    /// All roles.
    ///
    /// # Errors
    ///
    /// See [`AdminService`].
    pub async fn roles(&self) -> Result<Vec<RegistryRole>, ToolError> {
        let found = self.client.query::<RolesList>(roles_list::Variables).await?;
        Ok(found.roles.into_iter().map(Into::into).collect())
    }

    /// How single sign-on is configured, if it is.
    ///
    /// # Errors
    ///
    /// See [`AdminService`].
    pub async fn sso_config(&self) -> Result<Option<SsoConfig>, ToolError> {
        let found = self.client.query::<SsoConfigGet>(sso_config_get::Variables).await?;
        Ok(found.admin.sso_config.map(Into::into))
    }

    /// Configures single sign-on, or takes its configuration away.
    ///
    /// # Errors
    ///
    /// See [`AdminService`]; `invalid_input` if the registry finds the text wrong.
    pub async fn set_sso_config(&self, config: Option<String>) -> Result<Option<SsoConfig>, ToolError> {
        let variables = sso_config_set::Variables { config };
        self.client.mutate::<SsoConfigSet, _>(variables, sso_config_set::ResponseData::changed).await
    }

    async fn change<Q: ChangesUser>(
        &self,
        name: &str,
        variables: Q::Variables,
    ) -> Result<RegistryUser, ToolError> {
        let changed = self.client.mutate::<Q, _>(variables, |data| Q::changed(data).transpose()).await?;
        changed.ok_or_else(|| no_user(name))
    }

    async fn act<Q: ActsOnUser>(&self, name: &str, variables: Q::Variables) -> Result<(), ToolError> {
        let done = self.client.mutate::<Q, _>(variables, |data| Q::outcome(data).transpose()).await?;
        done.ok_or_else(|| no_user(name))
    }
}

fn no_user(name: &str) -> ToolError {
    ToolError::not_found(format!("the Quilt registry has no user `{name}`"))
        .with_hint("call admin_users_list to see who has an account")
}
