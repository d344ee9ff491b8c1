//! Roles, and who has which.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::users::{ChangedUser, changed};
use super::{MAX_NAME, MAX_ROLES};
use crate::domain::registry::{RegistryRole, RegistryUser};
use crate::error::ToolError;
use crate::service::admin::{AdminService, NewRoles};

/// The roles of a registry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoleList {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The roles, as the registry orders them.
    pub roles: Vec<RegistryRole>,
    /// How many there are.
    pub count: usize,
}

/// List the roles of the Quilt registry.
///
/// Returns their names and the AWS roles behind them. For administrators.
#[scoped_tool(read_only, idempotent, open_world, title = "List roles")]
pub async fn admin_roles_list(admin: &AdminService<'_>) -> Result<RoleList, ToolError> {
    let roles = admin.roles().await?;
    Ok(RoleList { success: true, count: roles.len(), roles })
}

/// Set the role of somebody at the Quilt registry.
///
/// Returns the account as it is now. For administrators.
#[scoped_tool(destructive, open_world, title = "Set a user's role")]
pub async fn admin_user_set_role(
    admin: &AdminService<'_>,
    /// The user's name at the registry.
    #[length(1..=MAX_NAME)]
    name: String,
    /// The name of the role that counts.
    #[length(1..=MAX_NAME)]
    role: String,
    /// Names of other roles that the user can choose. Left out: those there are stay.
    #[length(0..=MAX_ROLES)]
    extra_roles: Option<Vec<String>>,
    /// Whether `extra_roles` are added to those there are, instead of taking their place.
    #[default(false)]
    append: bool,
) -> Result<ChangedUser, ToolError> {
    let user = admin.set_roles(&name, NewRoles { role, extra_roles, append }).await?;
    Ok(with_roles(user))
}

/// Give somebody more roles at the Quilt registry.
///
/// Returns the account as it is now. The role that counts stays. For administrators.
#[scoped_tool(idempotent, open_world, title = "Add roles to a user")]
pub async fn admin_user_add_roles(
    admin: &AdminService<'_>,
    /// The user's name at the registry.
    #[length(1..=MAX_NAME)]
    name: String,
    /// Names of roles.
    #[length(1..=MAX_ROLES)]
    roles: Vec<String>,
) -> Result<ChangedUser, ToolError> {
    Ok(with_roles(admin.add_roles(&name, roles).await?))
}

/// Take roles away from somebody at the Quilt registry.
///
/// Returns the account as it is now. For administrators.
#[scoped_tool(destructive, idempotent, open_world, title = "Take roles from a user")]
pub async fn admin_user_remove_roles(
    admin: &AdminService<'_>,
    /// The user's name at the registry.
    #[length(1..=MAX_NAME)]
    name: String,
    /// Names of roles.
    #[length(1..=MAX_ROLES)]
    roles: Vec<String>,
    /// The role that is to count if the one that counts now is taken away.
    #[length(1..=MAX_NAME)]
    fallback: Option<String>,
) -> Result<ChangedUser, ToolError> {
    Ok(with_roles(admin.remove_roles(&name, roles, fallback).await?))
}

fn with_roles(user: RegistryUser) -> ChangedUser {
    let role = user.role.as_ref().map_or("no role", |role| role.name.as_str());
    let others: Vec<&str> = user.extra_roles.iter().map(|role| role.name.as_str()).collect();
    let others = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
    let message = format!("{} has {role}; other roles: {others}", user.name);
    changed(user, message)
}
