//! Who has an account at a registry, and how people sign in there.

use schemars::JsonSchema;
use serde::Serialize;

/// Somebody with an account at a registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RegistryUser {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether they can sign in.
    pub is_active: bool,
    /// Whether they administer the registry.
    pub is_admin: bool,
    /// Whether they sign in by single sign-on only.
    pub is_sso_only: bool,
    /// Whether it is a program.
    pub is_service: bool,
    /// Since when there is the account, RFC 3339.
    pub date_joined: String,
    /// When they signed in last, RFC 3339.
    pub last_login: String,
    /// The role that they have if they choose no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RegistryRole>,
    /// The other roles that they can choose.
    pub extra_roles: Vec<RegistryRole>,
}

/// A role: which buckets its bearers may use is in its policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RegistryRole {
    /// Its identifier at the registry.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The AWS role behind it.
    pub arn: String,
    /// Who keeps its policies.
    #[serde(rename = "type")]
    pub kind: RoleKind,
}

/// Who keeps the policies of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum RoleKind {
    /// The registry.
    Managed,
    /// Somebody at AWS.
    Unmanaged,
}

/// Which roles people get who sign in by single sign-on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SsoConfig {
    /// The configuration, as it was uploaded: YAML.
    pub text: String,
    /// When it was uploaded, RFC 3339.
    pub timestamp: String,
    /// Who uploaded it.
    pub uploader: Uploader,
}

/// Who uploaded something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Uploader {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}
