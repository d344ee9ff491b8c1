//! STS: AssumeRoleWithWebIdentity. AWS judges the caller's own token; this server's identity has no part in it.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use quilt_scope::BoxFuture;

use super::aws::{app_name, retry_partition};
use super::failure;
use super::session::{session_name, session_seconds};
use super::sts::session_credentials;
use super::{AwsEndpoints, CallerCredentials, CredentialSource};
use crate::domain::grant::{Grant, WebIdentityGrant};
use crate::domain::principal::Principal;
use crate::domain::request::RequestId;
use crate::error::{ErrorCode, ToolError};

/// Serves [`Grant::WebIdentity`] only. Its requests carry no signature, so it needs no credentials and holds none.
pub struct WebIdentitySource {
    config: aws_sdk_sts::Config,
}

impl WebIdentitySource {
    /// The STS of `aws`.
    pub fn new(aws: &AwsEndpoints) -> Self {
        Self { config: aws.sts_config().clone() }
    }

    async fn exchange(
        &self,
        principal: &Principal,
        grant: &WebIdentityGrant,
        request: RequestId,
    ) -> Result<CallerCredentials, ToolError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let seconds = session_seconds(now, grant.token_expires_at)?;
        let config = self
            .config
            .to_builder()
            .retry_partition(retry_partition("web-identity", principal))
            .app_name(app_name(request))
            .build();
        let answer = aws_sdk_sts::Client::from_conf(config)
            .assume_role_with_web_identity()
            .role_arn(&grant.role_arn)
            .role_session_name(session_name(principal.subject()))
            .web_identity_token(grant.token.expose())
            .set_policy(grant.session_policy.as_deref().map(ToOwned::to_owned))
            .duration_seconds(seconds)
            .send()
            .await
            .map_err(|error| failure::of_exchange(&grant.role_arn, &error))?;
        let credentials = session_credentials(answer.credentials, grant.token_expires_at, "web-identity")?;
        Ok(CallerCredentials::obtained(credentials, principal, request))
    }
}

impl CredentialSource for WebIdentitySource {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            match grant {
                Grant::WebIdentity(grant) => self.exchange(principal, grant, request).await,
                _ => Err(ToolError::new(
                    ErrorCode::CredentialsUnavailable,
                    "this caller's token is not one that AWS exchanges itself",
                )
                .with_hint("use a token of an issuer that is configured for it")),
            }
        })
    }
}

impl fmt::Debug for WebIdentitySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebIdentitySource")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::canned::Canned;
    use crate::domain::grant::CallerToken;

    const ASSUMED: &str = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
        <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIACALLER</AccessKeyId>\
        <SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken>\
        <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
        </AssumeRoleWithWebIdentityResponse>";

    fn grant() -> Grant {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Grant::WebIdentity(WebIdentityGrant {
            role_arn: "arn:aws:iam::123456789012:role/analyst".into(),
            session_policy: Some("{}".into()),
            token: CallerToken::new("a.TOKENCANARY.c"),
            registry: None,
            token_expires_at: now + 3000,
        })
    }

    #[tokio::test]
    async fn aws_is_shown_the_callers_token_and_nothing_of_the_servers() {
        let canned = Canned::answering(|_| (200, ASSUMED.into()));
        let alice = Principal::verified("https://idp".into(), "acme".into(), "auth0|alice".into());
        let source = WebIdentitySource::new(&canned.endpoints());
        source.credentials(&alice, &grant(), RequestId::new()).await.expect("credentials");
        let sent = canned.requests().pop().expect("one request");
        for part in ["Action=AssumeRoleWithWebIdentity", "WebIdentityToken=a.TOKENCANARY.c", "Policy=%7B%7D"]
        {
            assert!(sent.body.contains(part), "{part} is not in {}", sent.body);
        }
        assert!(!sent.is_signed());
    }

    #[tokio::test]
    async fn a_refusal_is_an_error_without_the_token() {
        let refusal = "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no</Message></Error></ErrorResponse>";
        let canned = Canned::answering(move |_| (400, refusal.into()));
        let alice = Principal::verified("https://idp".into(), "acme".into(), "alice".into());
        let source = WebIdentitySource::new(&canned.endpoints());
        let error = source.credentials(&alice, &grant(), RequestId::new()).await.expect_err("refused");
        assert_eq!(error.code(), ErrorCode::CredentialsUnavailable);
        assert!(!format!("{error:?}").contains("TOKENCANARY"));
        let ambient = source.credentials(&alice, &Grant::Ambient, RequestId::new()).await;
        assert!(ambient.is_err());
        assert_eq!(canned.requests().len(), 1);
    }
}
