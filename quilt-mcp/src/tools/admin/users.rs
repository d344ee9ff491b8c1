//! Accounts.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::{MAX_NAME, MAX_ROLES};
use crate::domain::registry::RegistryUser;
use crate::error::ToolError;
use crate::service::admin::{AdminService, NewUser};

/// Everybody with an account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserList {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// Everybody, as the registry orders them.
    pub users: Vec<RegistryUser>,
    /// How many there are.
    pub count: usize,
}

/// Somebody with an account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OneUser {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The account.
    pub user: RegistryUser,
}

/// An account that was changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangedUser {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The account as it is now.
    pub user: RegistryUser,
    /// What was done, in a sentence.
    pub message: String,
}

/// Something that was done to an account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DoneToUser {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The account's name.
    pub name: String,
    /// What was done, in a sentence.
    pub message: String,
}

pub(super) fn changed(user: RegistryUser, message: String) -> ChangedUser {
    ChangedUser { success: true, user, message }
}

/// List everybody with an account at the Quilt registry.
///
/// Returns names, e-mail addresses, roles, and who administers the registry. For administrators.
#[scoped_tool(read_only, idempotent, open_world, title = "List users")]
pub async fn admin_users_list(admin: &AdminService<'_>) -> Result<UserList, ToolError> {
    let users = admin.users().await?;
    Ok(UserList { success: true, count: users.len(), users })
}

/// Show one account at the Quilt registry.
///
/// Returns e-mail address, roles, when they joined and signed in last. For administrators.
#[scoped_tool(read_only, idempotent, open_world, title = "Show a user")]
pub async fn admin_user_get(
    admin: &AdminService<'_>,
    /// The user's name at the registry.
    #[length(1..=MAX_NAME)]
    name: String,
) -> Result<OneUser, ToolError> {
    Ok(OneUser { success: true, user: admin.user(&name).await? })
}

/// Open an account at the Quilt registry.
///
/// Returns the account. The registry sends an invitation to the e-mail address. For administrators.
#[scoped_tool(open_world, title = "Create a user")]
pub async fn admin_user_create(
    admin: &AdminService<'_>,
    /// The new user's name.
    #[length(1..=MAX_NAME)]
    name: String,
    /// The new user's e-mail address.
    #[pattern(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    email: String,
    /// The name of the user's role; admin_roles_list shows which there are.
    #[length(1..=MAX_NAME)]
    role: String,
    /// Names of other roles that the user can choose.
    #[length(0..=MAX_ROLES)]
    extra_roles: Option<Vec<String>>,
) -> Result<ChangedUser, ToolError> {
    let user = NewUser { name, email, role, extra_roles: extra_roles.unwrap_or_default() };
    let user = admin.create(user).await?;
    let message = format!("{} has an account", user.name);
    Ok(changed(user, message))
}

/// Close an account at the Quilt registry.
///
/// Returns whose. It cannot be undone; to keep the account and shut the user out, use admin_user_set_active. For
/// administrators.
#[scoped_tool(destructive, open_world, title = "Delete a user")]
pub async fn admin_user_delete(
    admin: &AdminService<'_>,
    /// The user's name at the registry.
    #[length(1..=MAX_NAME)]
    name: String,
) -> Result<DoneToUser, ToolError> {
    admin.delete(&name).await?;
    let message = format!("the account of {name} is closed");
    Ok(DoneToUser { success: true, name, message })
}

/// Set the e-mail address of an account at the Quilt registry.
///
/// Returns the account as it is now. For administrators.
#[scoped_tool(destructive, idempotent, open_world, title = "Set a user's e-mail address")]
pub async fn admin_user_set_email(
    admin: &AdminService<'_>,
    /// The user's name at the registry.
    #[length(1..=MAX_NAME)]
    name: String,
    /// The new e-mail address.
    #[pattern(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    email: String,
) -> Result<ChangedUser, ToolError> {
    let user = admin.set_email(&name, email).await?;
    let message = format!("the e-mail address of {name} is {}", user.email);
    Ok(changed(user, message))
}

/// Make somebody an administrator of the Quilt registry, or no longer one.
///
/// Returns the account as it is now. For administrators.
#[scoped_tool(destructive, idempotent, open_world, title = "Make a user an administrator")]
pub async fn admin_user_set_admin(
    registry: &AdminService<'_>,
    /// The user's name at the registry.
    #[length(1..=MAX_NAME)]
    name: String,
    /// Whether they are to be one.
    admin: bool,
) -> Result<ChangedUser, ToolError> {
    let user = registry.set_admin(&name, admin).await?;
    let is = if user.is_admin { "is an administrator" } else { "is no administrator" };
    let message = format!("{name} {is}");
    Ok(changed(user, message))
}

/// Let somebody sign in to the Quilt registry, or no longer.
///
/// Returns the account as it is now. For administrators.
#[scoped_tool(destructive, idempotent, open_world, title = "Let a user sign in")]
pub async fn admin_user_set_active(
    admin: &AdminService<'_>,
    /// The user's name at the registry.
    #[length(1..=MAX_NAME)]
    name: String,
    /// Whether they are to be able to.
    active: bool,
) -> Result<ChangedUser, ToolError> {
    let user = admin.set_active(&name, active).await?;
    let can = if user.is_active { "can sign in" } else { "can no longer sign in" };
    let message = format!("{name} {can}");
    Ok(changed(user, message))
}

/// Have somebody choose a new password at the Quilt registry.
///
/// Returns whose. The old password ends, and the registry sends an e-mail. For administrators.
#[scoped_tool(destructive, open_world, title = "Reset a user's password")]
pub async fn admin_user_reset_password(
    admin: &AdminService<'_>,
    /// The user's name at the registry.
    #[length(1..=MAX_NAME)]
    name: String,
) -> Result<DoneToUser, ToolError> {
    admin.reset_password(&name).await?;
    let message = format!("{name} is asked to choose a new password");
    Ok(DoneToUser { success: true, name, message })
}
