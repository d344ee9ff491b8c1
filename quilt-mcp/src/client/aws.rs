//! Where AWS is, and how it is spoken to. Holds no identity.

use std::fmt;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{AppName, IdentityCache, SharedHttpClient, StalledStreamProtectionConfig};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::http::{HttpClient as _, http_client_fn};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::athena::AthenaClient;
use super::credentials::CallerCredentials;
use super::iam::IamClient;
use super::region;
use super::s3::S3Client;
use super::sts::StsClient;
use super::traced::Traced;
use crate::domain::principal::Principal;
use crate::domain::request::RequestId;
use crate::error::{ErrorCode, ToolError};

/// The longest a single answer of AWS may take to begin, and so to read or write in one go.
const ATTEMPT: Duration = Duration::from_secs(30);

/// The longest an operation may take with all its attempts.
pub(super) const OPERATION: Duration = Duration::from_secs(120);

/// Where AWS is, and how it is spoken to: region, endpoint, timeouts, one pool of connections. Shared by all callers.
///
/// It holds no credentials, and gives out no client without a caller's.
pub struct AwsEndpoints {
    base: SdkConfig,
    s3: aws_sdk_s3::Config,
    sts: aws_sdk_sts::Config,
    iam: aws_sdk_iam::Config,
    athena: aws_sdk_athena::Config,
}

impl AwsEndpoints {
    /// What the environment and the shared AWS configuration files say (`AWS_REGION`, `AWS_ENDPOINT_URL`, ..), except
    /// credentials.
    ///
    /// # Errors
    ///
    /// `LOG_SENSITIVE_BODIES` is set: the SDK would write the secrets of every exchange into the log.
    pub async fn from_environment() -> Result<Self, ToolError> {
        refuse_logged_secrets(std::env::var_os("LOG_SENSITIVE_BODIES").is_some())?;
        let base = aws_config::defaults(BehaviorVersion::latest())
            .http_client(pooled_http_client())
            .timeout_config(timeouts())
            .stalled_stream_protection(StalledStreamProtectionConfig::enabled().build())
            .retry_config(RetryConfig::standard())
            .region(region::chosen().await)
            .no_credentials()
            .load()
            .await;
        let path_style = base.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        Ok(Self::assemble(base, path_style))
    }

    /// Every AWS service at `endpoint_url`, whatever the environment says: for an emulator.
    pub fn at(endpoint_url: &str, region: &str) -> Self {
        Self::with_http_client(endpoint_url, region, pooled_http_client())
    }

    pub(super) fn with_http_client(endpoint_url: &str, region: &str, http: SharedHttpClient) -> Self {
        let base = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .timeout_config(timeouts())
            .stalled_stream_protection(StalledStreamProtectionConfig::enabled().build())
            .retry_config(RetryConfig::standard())
            .endpoint_url(endpoint_url)
            .region(Region::new(region.to_owned()))
            .build();
        Self::assemble(base, true)
    }

    fn assemble(loaded: SdkConfig, path_style: bool) -> Self {
        let mut base = loaded.into_builder();
        // A bearer token of this process's user, and a cache that outlives requests: neither belongs here.
        base.set_credentials_provider(None).set_token_provider(None).set_identity_cache(None);
        let base = base.build();
        Self {
            s3: aws_sdk_s3::config::Builder::from(&base)
                .force_path_style(path_style)
                .disable_s3_express_session_auth(true)
                .build(),
            sts: aws_sdk_sts::config::Builder::from(&base).build(),
            iam: aws_sdk_iam::config::Builder::from(&base).build(),
            athena: aws_sdk_athena::config::Builder::from(&base).build(),
            base,
        }
    }

    /// The region requests go to.
    pub fn region(&self) -> &str {
        self.base.region().map(AsRef::as_ref).expect("each way to make one names a region")
    }

    /// S3 in the name of the caller these credentials are of.
    pub fn s3(&self, credentials: &CallerCredentials) -> S3Client {
        let config = self
            .s3
            .to_builder()
            .credentials_provider(credentials.provider())
            .identity_cache(IdentityCache::no_cache())
            .retry_partition(retry_partition("s3", credentials.principal()))
            .app_name(app_name(credentials.request()))
            .interceptor(Traced(credentials.request()))
            .build();
        S3Client::new(aws_sdk_s3::Client::from_conf(config), credentials.kept())
    }

    /// STS in the name of the caller these credentials are of.
    pub fn sts(&self, credentials: &CallerCredentials) -> StsClient {
        let config = self
            .sts
            .to_builder()
            .credentials_provider(credentials.provider())
            .identity_cache(IdentityCache::no_cache())
            .retry_partition(retry_partition("sts", credentials.principal()))
            .app_name(app_name(credentials.request()))
            .interceptor(Traced(credentials.request()))
            .build();
        StsClient::new(aws_sdk_sts::Client::from_conf(config))
    }

    /// IAM in the name of the caller these credentials are of.
    pub fn iam(&self, credentials: &CallerCredentials) -> IamClient {
        let config = self
            .iam
            .to_builder()
            .credentials_provider(credentials.provider())
            .identity_cache(IdentityCache::no_cache())
            .retry_partition(retry_partition("iam", credentials.principal()))
            .app_name(app_name(credentials.request()))
            .interceptor(Traced(credentials.request()))
            .build();
        IamClient::new(aws_sdk_iam::Client::from_conf(config))
    }

    /// Athena in the name of the caller these credentials are of.
    pub fn athena(&self, credentials: &CallerCredentials) -> AthenaClient {
        let config = self
            .athena
            .to_builder()
            .credentials_provider(credentials.provider())
            .identity_cache(IdentityCache::no_cache())
            .retry_partition(retry_partition("athena", credentials.principal()))
            .app_name(app_name(credentials.request()))
            .interceptor(Traced(credentials.request()))
            .build();
        AthenaClient::new(aws_sdk_athena::Client::from_conf(config))
    }

    pub(super) fn base(&self) -> &SdkConfig {
        &self.base
    }

    pub(super) fn sts_config(&self) -> &aws_sdk_sts::Config {
        &self.sts
    }
}

impl fmt::Debug for AwsEndpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsEndpoints")
            .field("region", &self.region())
            .field("endpoint_url", &self.base.endpoint_url())
            .finish_non_exhaustive()
    }
}

/// The SDK keeps retry budgets in process-wide state. One per tenant, so that a tenant that is throttled does not use
/// up the retries of the others.
pub(super) fn retry_partition(service: &str, principal: &Principal) -> RetryPartition {
    RetryPartition::new(format!("quilt-mcp {service} {}", principal.tenant()))
}

/// Goes into the user agent, so that CloudTrail tells which request an AWS call was made for.
pub(super) fn app_name(request: RequestId) -> AppName {
    AppName::new(format!("quilt-mcp-{request}")).expect("letters, digits and `-` are an app name")
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

/// One pool of connections for every client.
///
/// Wrapped, because the SDK validates a client's configuration by building a connector, certificates and all, and we
/// build a client per request.
fn pooled_http_client() -> SharedHttpClient {
    let pooled = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc))
        .build_https();
    http_client_fn(move |settings, components| pooled.http_connector(settings, components))
}

fn refuse_logged_secrets(asked_for: bool) -> Result<(), ToolError> {
    if !asked_for {
        return Ok(());
    }
    Err(ToolError::new(
        ErrorCode::Unsupported,
        "LOG_SENSITIVE_BODIES would put callers' secrets into the log",
    )
    .with_hint("unset LOG_SENSITIVE_BODIES and start again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_name_is_short_enough_for_every_user_agent() {
        assert!(app_name(RequestId::new()).as_ref().len() <= 50);
    }

    #[test]
    fn no_identity_is_kept() {
        let endpoints = AwsEndpoints::at("http://127.0.0.1:1", "eu-west-1");
        assert!(endpoints.base.credentials_provider().is_none());
        assert!(endpoints.base.token_provider().is_none());
        assert_eq!(endpoints.region(), "eu-west-1");
    }

    #[test]
    fn secrets_in_logs_are_refused() {
        assert!(refuse_logged_secrets(true).is_err());
        assert!(refuse_logged_secrets(false).is_ok());
    }

    #[test]
    fn tenants_have_retries_of_their_own() {
        let of = |tenant: &str| {
            retry_partition("s3", &Principal::verified("https://idp".into(), tenant.into(), "alice".into()))
        };
        assert_ne!(of("acme"), of("globex"));
        assert_eq!(of("acme"), of("acme"));
    }
}
