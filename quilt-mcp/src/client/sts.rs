//! STS: the exchange of a caller's grant for credentials, and the question who a caller is.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_sts::config::IdentityCache;
use aws_sdk_sts::types::Tag;
use quilt_scope::BoxFuture;

use super::aws::{app_name, retry_partition};
use super::credentials::CallerCredentials;
use super::failure::{self, Target};
use super::session::{session_name, session_seconds, session_tags};
use super::traced::Traced;
use super::{AwsEndpoints, CredentialSource, ProcessKeys};
use crate::domain::permission::AwsIdentity;
use crate::domain::principal::{Grant, Principal, RoleGrant};
use crate::domain::request::RequestId;
use crate::error::{ErrorCode, ToolError};

/// Multi-tenant mode: the caller's role, assumed for one request.
///
/// It holds the server's own identity. That identity assumes roles and does nothing else: no method hands it out, nor
/// any client made of it. Serves [`Grant::AssumeRole`] only.
pub struct AssumeRoleSource {
    server: ServerIdentity,
}

impl AssumeRoleSource {
    /// With the server's identity from `keys` if there are any, else from the default chain.
    pub async fn of_process(aws: &AwsEndpoints, keys: Option<ProcessKeys>) -> Self {
        match keys {
            Some(keys) => Self::from_keys(aws, keys),
            None => Self::from_environment(aws).await,
        }
    }

    /// With the server's identity from the AWS default provider chain of this process.
    pub async fn from_environment(aws: &AwsEndpoints) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).region(aws.base().region().cloned());
        if let Some(http) = aws.base().http_client() {
            loader = loader.http_client(http);
        }
        let chain = loader.load().await.credentials_provider();
        Self {
            server: ServerIdentity::new(
                aws,
                chain.expect("the loader was not told to leave credentials out"),
            ),
        }
    }

    /// With the server's identity from `keys`, which the default chain would have found first.
    pub fn from_keys(aws: &AwsEndpoints, keys: ProcessKeys) -> Self {
        Self::from_provider(aws, keys.into_credentials())
    }

    /// For whom AWS takes this server. For the operator.
    ///
    /// # Errors
    ///
    /// There are no credentials, or AWS does not accept them.
    pub async fn own_identity(&self) -> Result<AwsIdentity, ToolError> {
        StsClient::new(aws_sdk_sts::Client::from_conf(self.server.config.clone())).caller_identity().await
    }

    /// With the server's identity from `provider`.
    pub fn from_provider(aws: &AwsEndpoints, provider: impl ProvideCredentials + 'static) -> Self {
        Self { server: ServerIdentity::new(aws, SharedCredentialsProvider::new(provider)) }
    }
}

impl fmt::Debug for AssumeRoleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AssumeRoleSource")
    }
}

impl CredentialSource for AssumeRoleSource {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            match grant {
                Grant::AssumeRole(role) => self.server.assume(principal, role, request).await,
                _ => Err(ToolError::new(
                    ErrorCode::CredentialsUnavailable,
                    "this server acts only with a role that the caller's token names",
                )
                .with_hint("use a token that has a `role_arn`")),
            }
        })
    }
}

/// The server's own AWS identity. Private, and able to assume a role only.
struct ServerIdentity {
    config: aws_sdk_sts::Config,
}

impl ServerIdentity {
    fn new(aws: &AwsEndpoints, provider: SharedCredentialsProvider) -> Self {
        // The one identity behind this cache is the server's, so it may outlive requests.
        let config = aws.sts_config().to_builder();
        Self {
            config: config
                .credentials_provider(provider)
                .identity_cache(IdentityCache::lazy().build())
                .build(),
        }
    }

    async fn assume(
        &self,
        principal: &Principal,
        role: &RoleGrant,
        request: RequestId,
    ) -> Result<CallerCredentials, ToolError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let seconds = session_seconds(now, role.token_expires_at)?;
        let tags = session_tags(principal, &role.session_tags)?.into_iter().map(|(key, value)| {
            Tag::builder().key(key).value(value).build().expect("a tag with key and value is complete")
        });
        let name = session_name(principal.subject());
        let config = self
            .config
            .to_builder()
            .retry_partition(retry_partition("assume-role", principal))
            .app_name(app_name(request))
            .interceptor(Traced(request))
            .build();
        let answer = aws_sdk_sts::Client::from_conf(config)
            .assume_role()
            .role_arn(&role.role_arn)
            .role_session_name(&name)
            .source_identity(&name)
            .set_tags(Some(tags.collect()))
            .set_policy(role.session_policy.as_deref().map(ToOwned::to_owned))
            .duration_seconds(seconds)
            .send()
            .await
            .map_err(|error| failure::of_exchange(&role.role_arn, &error))?;
        let credentials = session_credentials(answer.credentials, role.token_expires_at, "assume-role")?;
        Ok(CallerCredentials::obtained(credentials, principal, request))
    }
}

/// The credentials of a session that STS has opened, which end with it or with the caller's token.
pub(super) fn session_credentials(
    keys: Option<aws_sdk_sts::types::Credentials>,
    token_expires_at: u64,
    source: &'static str,
) -> Result<Credentials, ToolError> {
    let keys = keys.ok_or_else(|| {
        ToolError::new(ErrorCode::CredentialsUnavailable, "AWS STS answered without credentials")
    })?;
    let session_ends = SystemTime::try_from(keys.expiration).map_err(|error| {
        ToolError::new(ErrorCode::CredentialsUnavailable, "AWS STS answered with no end of the session")
            .with_detail(error)
    })?;
    // AWS makes no session shorter than 15 minutes, so the token may well end first.
    let token_ends = UNIX_EPOCH.checked_add(Duration::from_secs(token_expires_at));
    let ends = token_ends.map_or(session_ends, |token_ends| session_ends.min(token_ends));
    // Moved, not copied: the strings are wiped with the credentials.
    let (id, secret, token) = (keys.access_key_id, keys.secret_access_key, keys.session_token);
    Ok(Credentials::new(id, secret, Some(token), Some(ends), source))
}

/// STS in a caller's name.
pub struct StsClient {
    client: aws_sdk_sts::Client,
}

impl StsClient {
    pub(super) fn new(client: aws_sdk_sts::Client) -> Self {
        Self { client }
    }

    /// For whom AWS takes the caller. Needs no permission.
    ///
    /// # Errors
    ///
    /// AWS does not accept the credentials, or does not answer.
    pub async fn caller_identity(&self) -> Result<AwsIdentity, ToolError> {
        let answer = self
            .client
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| failure::of_operation("ask AWS who you are", Target::Account, &error))?;
        Ok(AwsIdentity {
            user_id: answer.user_id.unwrap_or_default(),
            arn: answer.arn.unwrap_or_default(),
            account_id: answer.account.unwrap_or_default(),
        })
    }
}

impl fmt::Debug for StsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StsClient")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::client::canned::Canned;

    const ASSUMED: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
        <Credentials><AccessKeyId>ASIACALLER</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
        <SessionToken>session</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>\
        </AssumeRoleResult></AssumeRoleResponse>";

    fn alice() -> Principal {
        Principal::verified("https://idp".into(), "acme".into(), "auth0|alice".into())
    }

    fn grant(token_expires_at: u64) -> Grant {
        Grant::AssumeRole(RoleGrant {
            role_arn: "arn:aws:iam::123456789012:role/analyst".into(),
            session_tags: BTreeMap::from([("team".into(), "x".into())]),
            session_policy: Some("{\"narrow\":1}".into()),
            token_expires_at,
            token_digest: None,
            registry: None,
        })
    }

    fn source(canned: &Canned) -> AssumeRoleSource {
        AssumeRoleSource::from_provider(
            &canned.endpoints(),
            Credentials::new("AKIASERVER", "s", None, None, "test"),
        )
    }

    fn in_an_hour() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |s| s.as_secs()) + 3000
    }

    #[tokio::test]
    async fn the_exchange_names_the_caller_the_tenant_and_the_request() -> Result<(), ToolError> {
        let canned = Canned::answering(|_| (200, ASSUMED.into()));
        let request = RequestId::new();
        let expires = in_an_hour();
        let got = source(&canned).credentials(&alice(), &grant(expires), request).await?;
        assert_eq!(got.expires_at(), Some(UNIX_EPOCH + Duration::from_secs(expires)), "not beyond the token");

        let sent = canned.requests().pop().expect("one request");
        let name = session_name("auth0|alice").replace('=', "%3D");
        for part in [
            "Action=AssumeRole".to_owned(),
            format!("RoleSessionName={name}"),
            format!("SourceIdentity={name}"),
            "Tags.member.1.Key=tenant&Tags.member.1.Value=acme".to_owned(),
            "Tags.member.3.Key=team&Tags.member.3.Value=x".to_owned(),
            "Policy=%7B%22narrow%22%3A1%7D".to_owned(),
        ] {
            assert!(sent.body.contains(&part), "{part} is not in {}", sent.body);
        }
        assert!(sent.user_agent.contains(&format!("app/quilt-mcp-{request}")), "{}", sent.user_agent);
        assert_eq!(sent.traceparent, request.trace().to_string());
        assert!(sent.signed_by("AKIASERVER"));
        Ok(())
    }

    #[tokio::test]
    async fn a_refused_exchange_is_an_error_and_nothing_else_is_tried() {
        let canned = Canned::answering(|_| {
            (403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>".into())
        });
        let got = source(&canned).credentials(&alice(), &grant(in_an_hour()), RequestId::new()).await;
        let error = got.map(|_| ()).expect_err("refused");
        assert_eq!(error.code(), ErrorCode::CredentialsUnavailable);
        assert!(error.hint().is_some_and(|hint| hint.contains("sts:TagSession")));
        assert_eq!(canned.requests().len(), 1);
    }

    #[tokio::test]
    async fn an_ended_token_or_an_ambient_grant_is_never_exchanged() {
        let canned = Canned::answering(|_| (200, ASSUMED.into()));
        for grant in [grant(1), Grant::Ambient] {
            let got = source(&canned).credentials(&alice(), &grant, RequestId::new()).await;
            assert_eq!(got.map(|_| ()).map_err(|e| e.code()), Err(ErrorCode::CredentialsUnavailable));
        }
        assert!(canned.requests().is_empty());
    }
}
