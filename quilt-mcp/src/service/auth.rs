//! Who the caller is, and what AWS may be asked in the caller's name.

use std::sync::OnceLock;
use std::time::SystemTime;

use quilt_scope::{Lazy, ScopeError, service};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::OnceCell;

use crate::client::athena::AthenaClient;
use crate::client::iam::IamClient;
use crate::client::s3::S3Client;
use crate::client::{AwsEndpoints, CallerCredentials};
use crate::domain::permission::AwsIdentity;
use crate::domain::principal::{Grant, Principal};
use crate::error::ToolError;

/// Who the caller of this request is, and the only way to AWS: everything it gives out acts with the caller's own
/// credentials, which are obtained at first need and once.
pub struct AuthService<'req> {
    principal: &'req Principal,
    grant: &'req Grant,
    credentials: Lazy<'req, CallerCredentials>,
    aws: &'req AwsEndpoints,
    s3: OnceLock<S3Client>,
    identity: OnceCell<AwsIdentity>,
}

/// How a caller is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum AuthType {
    /// By the AWS credentials of this process: single-user mode.
    Iam,
    /// By a verified token: multi-tenant mode.
    Jwt,
}

#[service]
impl<'req> AuthService<'req> {
    /// For the caller of this request. Asks nobody anything yet.
    pub fn new(
        principal: &'req Principal,
        grant: &'req Grant,
        credentials: Lazy<'req, CallerCredentials>,
        aws: &'req AwsEndpoints,
    ) -> Self {
        Self { principal, grant, credentials, aws, s3: OnceLock::new(), identity: OnceCell::new() }
    }
}

impl<'req> AuthService<'req> {
    /// The verified caller.
    pub fn principal(&self) -> &'req Principal {
        self.principal
    }

    /// How the caller is authenticated.
    pub fn auth_type(&self) -> AuthType {
        match self.grant {
            Grant::Ambient => AuthType::Iam,
            Grant::AssumeRole(_) | Grant::WebIdentity(_) | Grant::Registry(_) => AuthType::Jwt,
        }
    }

    /// The role that is assumed for the caller, in multi-tenant mode.
    pub fn role_arn(&self) -> Option<&'req str> {
        self.grant.role_arn()
    }

    /// The region AWS is asked in.
    pub fn region(&self) -> &'req str {
        self.aws.region()
    }

    /// The caller's AWS credentials.
    ///
    /// # Errors
    ///
    /// [`CredentialsUnavailable`](crate::error::ErrorCode::CredentialsUnavailable): the exchange failed. Nothing stands
    /// in for it.
    pub async fn credentials(&self) -> Result<&'req CallerCredentials, ToolError> {
        self.credentials.get().await.map_err(constructor_error)
    }

    /// Whether the caller's credentials can be had and have not ended.
    pub async fn is_valid(&self) -> bool {
        match self.credentials().await {
            Ok(credentials) => credentials.expires_at().is_none_or(|end| end > SystemTime::now()),
            Err(_) => false,
        }
    }

    /// S3 in the caller's name. The same client throughout the request.
    ///
    /// # Errors
    ///
    /// As [`credentials`](Self::credentials).
    pub async fn s3(&self) -> Result<&S3Client, ToolError> {
        let credentials = self.credentials().await?;
        Ok(self.s3.get_or_init(|| self.aws.s3(credentials)))
    }

    /// IAM in the caller's name.
    ///
    /// # Errors
    ///
    /// As [`credentials`](Self::credentials).
    pub async fn iam(&self) -> Result<IamClient, ToolError> {
        Ok(self.aws.iam(self.credentials().await?))
    }

    /// Athena in the caller's name.
    ///
    /// # Errors
    ///
    /// As [`credentials`](Self::credentials).
    pub async fn athena(&self) -> Result<AthenaClient, ToolError> {
        Ok(self.aws.athena(self.credentials().await?))
    }

    /// For whom AWS takes the caller. Asked once in a request.
    ///
    /// # Errors
    ///
    /// As [`credentials`](Self::credentials), or AWS does not accept them, or does not answer.
    pub async fn caller_identity(&self) -> Result<&AwsIdentity, ToolError> {
        let ask = || async { self.aws.sts(self.credentials().await?).caller_identity().await };
        self.identity.get_or_try_init(ask).await
    }

    /// For whom AWS takes the caller, if that was asked already.
    pub fn known_identity(&self) -> Option<&AwsIdentity> {
        self.identity.get()
    }
}

impl std::fmt::Debug for AuthService<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthService").field("principal", self.principal).finish_non_exhaustive()
    }
}

/// The constructor's own error, so that the caller reads why and not that "a service could not be built".
fn constructor_error(error: ScopeError) -> ToolError {
    let shown = error.to_string();
    match error.into_source().downcast::<ToolError>() {
        Ok(error) => *error,
        Err(other) => ToolError::internal(format!("{shown}: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::canned::Canned;

    const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
        <Arn>arn:aws:sts::123456789012:assumed-role/analyst/alice</Arn><UserId>AROA:alice</UserId>\
        <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

    #[tokio::test]
    async fn aws_is_asked_who_the_caller_is_once_and_in_the_callers_name() -> Result<(), ToolError> {
        let canned = Canned::answering(|_| (200, IDENTITY.into()));
        let (principal, endpoints) = (Principal::single_user(), canned.endpoints());
        let credentials = Canned::credentials(&principal);
        let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
        let (one, other) = tokio::join!(auth.caller_identity(), auth.caller_identity());
        assert_eq!(one?.name(), "analyst");
        assert_eq!(other?.account_id, "123456789012");
        let sent = canned.requests();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].signed_by("AKIAlocal"));
        Ok(())
    }

    #[tokio::test]
    async fn one_s3_client_serves_the_request() -> Result<(), ToolError> {
        let endpoints = AwsEndpoints::at("http://127.0.0.1:1", "us-east-1");
        let principal = Principal::single_user();
        let credentials = Canned::credentials(&principal);
        let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
        assert!(std::ptr::eq(auth.s3().await?, auth.s3().await?));
        assert!(auth.is_valid().await);
        assert_eq!(auth.auth_type(), AuthType::Iam);
        Ok(())
    }
}
