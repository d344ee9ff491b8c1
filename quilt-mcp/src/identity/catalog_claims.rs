//! What a stock Quilt catalog's token says: `id` and `uuid`, and `exp`. A registry makes a new `uuid` for each token that
//! it issues; `id` is the person's, and stays.

use serde::Deserialize;

use super::AuthError;
use super::claims::{AcceptedClaims, judge_time};
use super::scopes::access;
use super::token::not_null;
use crate::config::{Exchange, TrustedIssuer};
use crate::domain::grant::{CallerToken, Grant, RegistryGrant};
use crate::domain::registry::RegistryUrl;

/// The claims of a catalog's token. With any other it is something else that was signed with the same secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CatalogClaims {
    id: UserId,
    uuid: String,
    /// Whole seconds.
    exp: u64,
    #[serde(default, deserialize_with = "not_null")]
    nbf: Option<u64>,
    #[serde(default, deserialize_with = "not_null")]
    iat: Option<u64>,
}

/// How registries name people: by numbers, or by texts.
#[derive(Deserialize)]
#[serde(untagged)]
enum UserId {
    Number(u64),
    Text(String),
}

impl UserId {
    /// No two are one: a text that could be a number is none.
    fn subject(&self) -> Result<String, AuthError> {
        match self {
            Self::Number(number) => Ok(number.to_string()),
            Self::Text(text) if plain(text) && !text.bytes().all(|byte| byte.is_ascii_digit()) => {
                Ok(text.clone())
            }
            Self::Text(_) => Err(AuthError::BadIdentifier),
        }
    }
}

impl CatalogClaims {
    /// Whether they are within the rules at `now`, in seconds of the Unix epoch, whoever wrote them. Whom they name, and
    /// the registry of its people.
    pub(super) fn check<'i>(
        &self,
        issuer: &'i TrustedIssuer,
        tenant: &str,
        now: u64,
    ) -> Result<(String, &'i RegistryUrl), AuthError> {
        judge_time(self.exp, self.nbf, self.iat, now)?;
        if !plain(&self.uuid) {
            return Err(AuthError::BadIdentifier);
        }
        let subject = self.id.subject()?;
        let Exchange::Registry { registry, tenants } = &issuer.exchange else {
            return Err(AuthError::UnknownIssuer);
        };
        if tenants.contains(tenant) { Ok((subject, registry)) } else { Err(AuthError::TenantNotAllowed) }
    }

    /// Judges them at `now`, in seconds of the Unix epoch. For [`super::claims::SignedClaims`] alone, which knows that the
    /// signature was checked.
    pub(super) fn judge(
        self,
        issuer: &TrustedIssuer,
        tenant: &str,
        token: &str,
        now: u64,
    ) -> Result<AcceptedClaims, AuthError> {
        let (subject, registry) = self.check(issuer, tenant, now)?;
        Ok(AcceptedClaims {
            issuer: issuer.issuer.as_str().to_owned(),
            tenant: tenant.to_owned(),
            subject,
            grant: Grant::Registry(RegistryGrant {
                registry: registry.clone(),
                token: CallerToken::new(token),
                token_expires_at: self.exp,
            }),
            access: access(issuer.scopes, None, None),
        })
    }
}

/// 1 to 128 of `A-Z a-z 0-9 -`, as in a UUID.
fn plain(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
