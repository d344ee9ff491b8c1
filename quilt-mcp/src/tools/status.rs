//! How the caller and this server stand.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::buckets::rfc3339;
use crate::domain::deployment::Deployment;
use crate::domain::permission::IdentityKind;
use crate::error::ToolError;
use crate::service::auth::{AuthService, AuthType};
use crate::service::host::{self, Access, HostFiles};
use crate::service::registry::{CatalogUser, RegistryService};

/// Whether the caller can act.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuthStatus {
    /// Always true: the status could be told. Whether the caller is authenticated is in `status`.
    pub success: bool,
    /// Whether AWS accepts the caller.
    pub status: AuthState,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
    /// The caller, as the token names it; `local` in single-user mode.
    pub user_info: UserInfo,
    /// For whom AWS takes the caller. Absent when AWS does not accept the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_identity: Option<AwsIdentityInfo>,
    /// For whom the Quilt registry takes the caller. Absent if there is no registry for the caller, or it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_user: Option<CatalogUser>,
    /// Why the registry does not say who the caller is, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_problem: Option<String>,
    /// The AWS region that is asked.
    pub region: String,
    /// When the caller's AWS credentials end, RFC 3339. Absent when they are not known to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials_expire_at: Option<String>,
    /// The status in a sentence.
    pub message: String,
    /// What the caller can do now.
    pub suggested_actions: Vec<String>,
}

/// Whether AWS accepts the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum AuthState {
    /// It does.
    Authenticated,
    /// It does not, or the caller's credentials could not be obtained.
    NotAuthenticated,
}

/// The caller, as the token names it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserInfo {
    /// Who vouches for the caller.
    pub issuer: String,
    /// The organisation whose data this is.
    pub tenant: String,
    /// The user.
    pub subject: String,
}

/// For whom AWS takes the caller.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AwsIdentityInfo {
    /// The ARN.
    pub arn: String,
    /// The account, 12 digits.
    pub account_id: String,
    /// What kind of identity it is.
    pub kind: IdentityKind,
}

/// Show who you are, and whether AWS and the Quilt registry accept you.
///
/// Returns your tenant and user, the AWS identity that acts for you, your user and roles at the Quilt registry if there is one
/// for you, and when your credentials end. Use it first, and
/// whenever a call fails for want of credentials.
#[scoped_tool(read_only, idempotent, open_world, title = "Who am I")]
pub async fn auth_status(
    auth: &AuthService<'_>,
    registry: &RegistryService<'_>,
) -> Result<AuthStatus, ToolError> {
    let (identity, user) = tokio::join!(auth.caller_identity(), catalog_user(registry));
    let (catalog_user, catalog_problem) = match user {
        Ok(user) => (user, None),
        Err(error) => (None, Some(error.message().to_owned())),
    };
    let principal = auth.principal();
    let status = AuthStatus {
        success: true,
        status: AuthState::NotAuthenticated,
        auth_type: auth.auth_type(),
        user_info: UserInfo {
            issuer: principal.issuer().to_owned(),
            tenant: principal.tenant().to_owned(),
            subject: principal.subject().to_owned(),
        },
        aws_identity: None,
        catalog_user,
        catalog_problem,
        region: auth.region().to_owned(),
        credentials_expire_at: None,
        message: String::new(),
        suggested_actions: Vec::new(),
    };
    Ok(match identity {
        Ok(identity) => AuthStatus {
            status: AuthState::Authenticated,
            aws_identity: Some(AwsIdentityInfo {
                arn: identity.arn.clone(),
                account_id: identity.account_id.clone(),
                kind: identity.kind(),
            }),
            credentials_expire_at: auth.credentials().await?.expires_at().map(rfc3339),
            message: format!("AWS accepts you as {}", identity.name()),
            suggested_actions: vec![
                "call discover_permissions to see what you may do with which bucket".to_owned(),
                "call bucket_list to see the buckets of your account".to_owned(),
            ],
            ..status
        },
        Err(error) => AuthStatus {
            message: error.message().to_owned(),
            suggested_actions: error.hint().map(ToOwned::to_owned).into_iter().collect(),
            ..status
        },
    })
}

/// Who the registry takes the caller for, if there is a registry for the caller.
async fn catalog_user(registry: &RegistryService<'_>) -> Result<Option<CatalogUser>, ToolError> {
    match registry.registry() {
        Some(_) => registry.me().await.map(Some),
        None => Ok(None),
    }
}

/// Whether this server may use files of its machine.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FilesystemStatus {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// For whom the server works. A server that works for many says nothing of its machine.
    pub mode: Deployment,
    /// How much may be written.
    pub status: Access,
    /// The status in a sentence.
    pub message: String,
    /// The directories. Absent on a server that works for many.
    #[serde(flatten)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<HostFiles>,
}

/// Show whether this server may use files of its machine.
///
/// Returns the home, temporary and current directory and whether they can be written, on a server that works for one
/// person. No tool needs any of them; a server that works for many callers says nothing of its machine.
#[scoped_tool(read_only, idempotent, title = "File system status")]
pub async fn filesystem_status(mode: &Deployment) -> Result<FilesystemStatus, ToolError> {
    let files = host::files(*mode).await?;
    let status = files.as_ref().map_or(Access::NotShared, HostFiles::access);
    let message = match status {
        Access::FullAccess => "home and temporary directory can be written",
        Access::LimitedAccess => "one of home and temporary directory can be written",
        Access::ReadOnly => {
            "neither home nor temporary directory can be written; every tool works all the same"
        }
        Access::NotShared => "this server works for many callers and shares no files with them",
    };
    Ok(FilesystemStatus { success: true, mode: *mode, status, message: message.to_owned(), files })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use quilt_scope::Lazy;

    use super::*;
    use crate::client::canned::Canned;
    use crate::client::registry::catalog::CatalogConfigs;
    use crate::client::registry::passes::PassesOfGrants;
    use crate::client::registry::{RegistryClient, RegistryWire};
    use crate::domain::principal::{Grant, Principal};
    use crate::domain::request::RequestId;
    use crate::service::catalog::Catalog;
    use crate::store::CatalogFile;

    async fn status(canned: &Canned) -> Result<AuthStatus, ToolError> {
        let (principal, endpoints) = (Principal::single_user(), canned.endpoints());
        let credentials = Canned::credentials(&principal);
        let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
        let nowhere = CatalogFile::in_directory(std::path::Path::new("/nonexistent"));
        let catalog = Catalog::new(Deployment::MultiTenant, None, nowhere)?;
        let (wire, configs) = (RegistryWire::new(Duration::ZERO), CatalogConfigs::new(Duration::ZERO));
        let (grant, request) = (Grant::Ambient, RequestId::new());
        let client = RegistryClient::new(&principal, &grant, &PassesOfGrants, &wire, &request);
        auth_status(&auth, &RegistryService::new(&client, &catalog, &configs)).await
    }

    #[tokio::test]
    async fn who_is_refused_by_aws_is_told_so() -> Result<(), ToolError> {
        let canned = Canned::answering(|_| {
            (403, "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>".into())
        });
        let told = status(&canned).await?;
        assert_eq!(told.status, AuthState::NotAuthenticated);
        assert!(told.aws_identity.is_none() && !told.suggested_actions.is_empty());
        Ok(())
    }

    #[tokio::test]
    async fn who_is_accepted_sees_as_whom() -> Result<(), ToolError> {
        let canned = Canned::answering(|_| {
            (
                200,
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/bob</Arn>\
                <Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
                    .into(),
            )
        });
        let told = status(&canned).await?;
        assert_eq!(told.status, AuthState::Authenticated);
        assert_eq!(told.aws_identity.map(|identity| identity.kind), Some(IdentityKind::User));
        Ok(())
    }

    #[tokio::test]
    async fn a_server_for_many_names_no_path() -> Result<(), Box<dyn std::error::Error>> {
        let told = serde_json::to_value(filesystem_status(&Deployment::MultiTenant).await?)?;
        assert!(!told.to_string().contains('/'), "{told}");
        assert_eq!(told["status"], "not_shared");
        Ok(())
    }

    #[tokio::test]
    async fn a_server_for_one_names_its_directories() -> Result<(), Box<dyn std::error::Error>> {
        let told = serde_json::to_value(filesystem_status(&Deployment::SingleUser).await?)?;
        assert!(told["temp_directory"].is_string(), "{told}");
        assert!(told["temp_writable"].is_boolean(), "{told}");
        Ok(())
    }
}
