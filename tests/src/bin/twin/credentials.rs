//! Credentials in a process-wide cell: whoever comes first acts for everybody, which is what the older server did. And
//! credentials that are written down.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_sdk_sts::config::BehaviorVersion;
use quilt_mcp::client::{CallerCredentials, CredentialSource};
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::domain::request::RequestId;
use quilt_mcp::error::ToolError;
use quilt_scope::BoxFuture;
use tokio::sync::OnceCell;

/// Exchanges the first caller's token and keeps what it got.
#[derive(Default)]
pub(crate) struct FirstComeCell(OnceCell<Credentials>);

impl CredentialSource for FirstComeCell {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            let first = self.0.get_or_try_init(|| exchange(principal, grant, request)).await?;
            // The fault: these are the first caller's, and are given out as this caller's.
            Ok(CallerCredentials::obtained(first.clone(), principal, request))
        })
    }
}

pub(crate) async fn exchange(
    principal: &Principal,
    grant: &Grant,
    request: RequestId,
) -> Result<Credentials, ToolError> {
    let Grant::AssumeRole(role) = grant else { return Err(ToolError::internal("a twin is multi-tenant")) };
    let app =
        aws_sdk_sts::config::AppName::new(format!("quilt-mcp-{request}")).map_err(ToolError::internal)?;
    let set = |name: &str| std::env::var(name).map_err(|_| ToolError::internal(format!("{name} is not set")));
    let key = Credentials::new(set("AWS_ACCESS_KEY_ID")?, set("AWS_SECRET_ACCESS_KEY")?, None, None, "twin");
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(set("AWS_ENDPOINT_URL")?)
        .region(aws_sdk_sts::config::Region::new(set("AWS_REGION")?))
        .app_name(app)
        .credentials_provider(key);
    let answer = aws_sdk_sts::Client::from_conf(config.build())
        .assume_role()
        .role_arn(&role.role_arn)
        .role_session_name(principal.subject())
        .source_identity(principal.subject())
        .send()
        .await
        .map_err(|error| ToolError::internal(format!("{error:?}")))?;
    let keys = answer.credentials.ok_or_else(|| ToolError::internal("STS answered without credentials"))?;
    Ok(Credentials::new(keys.access_key_id, keys.secret_access_key, Some(keys.session_token), None, "twin"))
}

/// Exchanges each caller's own grant, and writes down what it got, in a form that no redaction knows.
pub(crate) struct Talkative;

impl CredentialSource for Talkative {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            let got = exchange(principal, grant, request).await?;
            let _ = writeln!(std::io::stdout(), "exchanged: {}", hex::encode(got.secret_access_key()));
            Ok(CallerCredentials::obtained(got, principal, request))
        })
    }
}

/// Obtains each caller's credentials, and says in a span what it should not: a secret, and what `QUILT_TWIN_SAYS`.
pub(crate) struct Telling(pub(crate) Box<dyn CredentialSource>);

impl CredentialSource for Telling {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            let set = |name: &str| std::env::var(name).unwrap_or_default();
            let tool = format!("{} {}", hex::encode(set("AWS_SECRET_ACCESS_KEY")), set("QUILT_TWIN_SAYS"));
            drop(tracing::error_span!("told", otel.kind = "internal", tool));
            self.0.credentials(principal, grant, request).await
        })
    }
}

/// Obtains each caller's credentials, and panics while it holds them: for everybody, or for one.
pub(crate) struct Panicking {
    pub(crate) otherwise: Box<dyn CredentialSource>,
    pub(crate) only_for: Option<String>,
}

impl CredentialSource for Panicking {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            let held = self.otherwise.credentials(principal, grant, request).await?;
            if self.only_for.as_ref().is_some_and(|subject| subject != principal.subject()) {
                return Ok(held);
            }
            panic!("the twin panics with {held:?}, as it was told to")
        })
    }
}

/// Obtains each caller's credentials, and keeps something of each request for as long as the process lives.
pub(crate) struct Hoarding {
    otherwise: Box<dyn CredentialSource>,
    kept: Mutex<Vec<Vec<u8>>>,
}

impl Hoarding {
    pub(crate) fn over(otherwise: Box<dyn CredentialSource>) -> Self {
        Self { otherwise, kept: Mutex::default() }
    }
}

impl CredentialSource for Hoarding {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        // As much as an answer of some size has.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(vec![1; 64 * 1024]);
        self.otherwise.credentials(principal, grant, request)
    }
}
