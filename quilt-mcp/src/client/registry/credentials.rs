//! AWS credentials from a Quilt registry, which gives them to the bearer of a token that it trusts.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use quilt_scope::BoxFuture;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::client::fetch::{Fetch, Get, RESERVED};
use crate::client::{CallerCredentials, CredentialSource};
use crate::domain::grant::{Grant, RegistryGrant};
use crate::domain::principal::Principal;
use crate::domain::request::RequestId;
use crate::error::{ErrorCode, ToolError};

/// The longest answer that is read, in bytes: such a one leaves no copy of a key behind.
const MAX_ANSWER: usize = RESERVED;
/// Where a registry gives them out.
const PATH: &str = "/api/auth/get_credentials";

/// Shows the caller's own token to the registry of the caller's issuer, and to nobody else. Serves
/// [`Grant::Registry`] only.
pub struct RegistrySource {
    fetch: Arc<dyn Fetch>,
    within: Duration,
}

impl RegistrySource {
    /// Asks over `fetch`, and waits `within` that time for the answer.
    pub fn new(fetch: Arc<dyn Fetch>, within: Duration) -> Self {
        Self { fetch, within }
    }

    async fn ask(&self, grant: &RegistryGrant, request: RequestId) -> Result<Credentials, ToolError> {
        let get = Get {
            url: &grant.registry.at(PATH),
            bearer: Some(&grant.token),
            cookie: None,
            request: Some(request),
            most_bytes: MAX_ANSWER,
            within: self.within,
        };
        let answer = self.fetch.get(get).await.map_err(|error| {
            unavailable("the Quilt registry does not answer", "send the call again later").with_detail(error)
        })?;
        match answer.status {
            200 => {}
            401 => {
                return Err(unavailable(
                    "the Quilt registry no longer accepts your token",
                    "obtain a new token and send the call again",
                ));
            }
            403 => {
                return Err(unavailable(
                    "the Quilt registry gives you no credentials",
                    "ask the registry's administrator for a role",
                ));
            }
            status => {
                return Err(unavailable("the Quilt registry failed", "send the call again later")
                    .with_detail(format_args!("status {status}")));
            }
        }
        let session: Session =
            serde_json::from_slice(&answer.body).map_err(|_| garbled("not the expected JSON"))?;
        session.credentials(grant.token_expires_at)
    }
}

impl CredentialSource for RegistrySource {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            match grant {
                Grant::Registry(registry) => {
                    Ok(CallerCredentials::obtained(self.ask(registry, request).await?, principal, request))
                }
                _ => Err(unavailable(
                    "this caller's token is not one for a Quilt registry",
                    "use a token of an issuer that is configured for it",
                )),
            }
        })
    }
}

impl fmt::Debug for RegistrySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistrySource")
    }
}

/// What a registry answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Session {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

impl Session {
    fn credentials(self, token_expires_at: u64) -> Result<Credentials, ToolError> {
        if [&self.access_key_id, &self.secret_access_key, &self.session_token]
            .iter()
            .any(|part| part.is_empty())
        {
            return Err(garbled("a part is empty"));
        }
        let ends =
            OffsetDateTime::parse(&self.expiration, &Rfc3339).map_err(|_| garbled("no time of expiry"))?;
        let token_ends = UNIX_EPOCH.checked_add(Duration::from_secs(token_expires_at));
        let ends = SystemTime::from(ends);
        let ends = token_ends.map_or(ends, |token_ends| ends.min(token_ends));
        if ends <= SystemTime::now() {
            return Err(garbled("the credentials have ended"));
        }
        // Moved, not copied: the strings are wiped with the credentials.
        Ok(Credentials::new(
            self.access_key_id,
            self.secret_access_key,
            Some(self.session_token),
            Some(ends),
            "quilt-registry",
        ))
    }
}

fn garbled(why: &str) -> ToolError {
    unavailable("the Quilt registry's answer makes no sense", "ask the operator of this server")
        .with_detail(why)
}

fn unavailable(why: &str, hint: &str) -> ToolError {
    ToolError::new(ErrorCode::CredentialsUnavailable, format!("no credentials: {why}")).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::super::canned::{Canned, DOWN, Question};
    use super::*;
    use crate::domain::grant::CallerToken;

    const GOOD: &str = r#"{"AccessKeyId":"ASIAX","SecretAccessKey":"SECRETCANARY","SessionToken":"TOKENCANARY","Expiration":"2100-01-01T00:00:00Z"}"#;

    async fn ask(status: u16, body: &'static str) -> (Result<CallerCredentials, ToolError>, Vec<Question>) {
        let canned = Arc::new(Canned::answering(status, body));
        let source = RegistrySource::new(Arc::clone(&canned) as Arc<dyn Fetch>, Duration::from_secs(30));
        let grant = Grant::Registry(RegistryGrant {
            registry: "https://registry.example.com".parse().expect("a URL"),
            token: CallerToken::new("a.b.c"),
            token_expires_at: u64::MAX,
        });
        let alice = Principal::verified("https://idp".into(), "acme".into(), "alice".into());
        let got = source.credentials(&alice, &grant, RequestId::new()).await;
        (got, canned.asked())
    }

    #[tokio::test]
    async fn the_registry_is_shown_the_callers_own_token() {
        let (got, asked) = ask(200, GOOD).await;
        assert!(got.expect("credentials").expires_at().is_some());
        let url = "https://registry.example.com/api/auth/get_credentials".to_owned();
        assert_eq!(asked, [Question { url, token: "a.b.c".to_owned(), json: None }]);
    }

    #[tokio::test]
    async fn whatever_else_it_answers_is_no_credentials() {
        for (status, body) in [
            (DOWN, ""),
            (200, ""),
            (200, "{}"),
            (200, "[]"),
            (
                200,
                r#"{"AccessKeyId":"","SecretAccessKey":"s","SessionToken":"t","Expiration":"2100-01-01T00:00:00Z"}"#,
            ),
            (
                200,
                r#"{"AccessKeyId":"a","SecretAccessKey":"SECRETCANARY","SessionToken":"t","Expiration":"2000-01-01T00:00:00Z"}"#,
            ),
            (
                200,
                r#"{"AccessKeyId":"a","SecretAccessKey":"SECRETCANARY","SessionToken":"t","Expiration":"soon"}"#,
            ),
            (302, GOOD),
            (401, GOOD),
            (403, GOOD),
            (500, GOOD),
        ] {
            let error = ask(status, body).await.0.expect_err(body);
            assert_eq!(error.code(), ErrorCode::CredentialsUnavailable, "{status} {body}");
            assert!(!format!("{error:?}").contains("CANARY"), "{error:?}");
        }
    }
}
