//! Single-user mode: the credentials that the user's own AWS tools would use.

use aws_config::BehaviorVersion;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use quilt_scope::BoxFuture;

use super::credentials::CallerCredentials;
use super::{AwsEndpoints, CredentialSource, ProcessKeys};
use crate::domain::principal::{Grant, Principal};
use crate::domain::request::RequestId;
use crate::error::{ErrorCode, ToolError};

/// The AWS default provider chain of this process, asked anew for each request: a login or a logout counts from the
/// next request on. Serves [`Grant::Ambient`] only.
#[derive(Debug)]
pub struct AmbientSource {
    chain: SharedCredentialsProvider,
}

impl AmbientSource {
    /// `keys` if there are any, else the default chain.
    pub async fn of_process(aws: &AwsEndpoints, keys: Option<ProcessKeys>) -> Self {
        match keys {
            Some(keys) => Self::from_keys(keys),
            None => Self::from_environment(aws).await,
        }
    }

    /// The default chain: environment, profiles, SSO, container, instance.
    pub async fn from_environment(aws: &AwsEndpoints) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).region(aws.base().region().cloned());
        if let Some(http) = aws.base().http_client() {
            loader = loader.http_client(http);
        }
        let chain = loader.load().await.credentials_provider();
        Self { chain: chain.expect("the loader was not told to leave credentials out") }
    }

    /// `keys`, which the default chain would have found first, had they not been taken out of the environment.
    pub fn from_keys(keys: ProcessKeys) -> Self {
        Self::from_provider(keys.into_credentials())
    }

    /// What `provider` gives, in place of the default chain.
    pub fn from_provider(provider: impl ProvideCredentials + 'static) -> Self {
        Self { chain: SharedCredentialsProvider::new(provider) }
    }
}

impl CredentialSource for AmbientSource {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            if *grant != Grant::Ambient {
                return Err(unavailable(
                    "the process's own credentials are not for callers who bring a role",
                ));
            }
            match self.chain.provide_credentials().await {
                Ok(credentials) => Ok(CallerCredentials::obtained(credentials, principal, request)),
                Err(error) => Err(unavailable(format!(
                    "{error}: {:?}",
                    std::error::Error::source(&error).map(ToString::to_string)
                ))),
            }
        })
    }
}

fn unavailable(detail: impl std::fmt::Display) -> ToolError {
    ToolError::new(ErrorCode::CredentialsUnavailable, "no AWS credentials were found")
        .with_hint("log in (`aws sso login`, `aws configure`) or set AWS_PROFILE, then try again")
        .with_detail(detail)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_credential_types::Credentials;

    use super::*;
    use crate::domain::principal::RoleGrant;

    fn source() -> AmbientSource {
        AmbientSource::from_provider(Credentials::new("AKID", "secret", None, None, "test"))
    }

    #[tokio::test]
    async fn the_single_user_gets_the_chains_credentials() {
        let got = source().credentials(&Principal::single_user(), &Grant::Ambient, RequestId::new()).await;
        assert!(got.is_ok());
    }

    #[tokio::test]
    async fn a_caller_with_a_role_gets_nothing() {
        let grant = Grant::AssumeRole(RoleGrant {
            role_arn: "arn:aws:iam::123456789012:role/r".into(),
            session_tags: BTreeMap::new(),
            session_policy: None,
            token_expires_at: u64::MAX,
            token_digest: None,
            registry: None,
        });
        let alice = Principal::verified("https://idp".into(), "acme".into(), "alice".into());
        let got = source().credentials(&alice, &grant, RequestId::new()).await;
        assert_eq!(got.map(|_| ()).map_err(|e| e.code()), Err(ErrorCode::CredentialsUnavailable));
    }
}
