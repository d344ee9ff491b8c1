//! What a token says: believed by nobody, then believed about its signature, then judged.
//!
//! Two types keep the order. [`UnverifiedClaims`] says nothing but which issuer's rules to apply. [`SignedClaims`] come
//! only from a signature that was checked, and can be judged.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::AuthError;
use super::catalog_claims::CatalogClaims;
use super::scopes::{Names, access};
use super::token::{Presence, not_null, require_unique_members};
use crate::config::{AllowedRoles, Audience, Exchange, RoleArn, SessionPolicy, Tokens, TrustedIssuer};
use crate::domain::access::Access;
use crate::domain::grant::{CallerToken, Grant, RegistryGrant, RoleGrant, TokenDigest, WebIdentityGrant};
use crate::domain::principal::{log_hash, valid_identifier};
use crate::domain::registry::RegistryPass;

/// How far clocks may differ, in seconds.
const LEEWAY: u64 = 30;
/// The longest life of a token, in seconds.
const MAX_LIFETIME: u64 = 24 * 60 * 60;
const MAX_AUDIENCES: usize = 16;

/// The claims of a token whose signature nobody has checked.
pub(super) struct UnverifiedClaims(Said);

/// The claims of a token that its issuer signed.
pub(super) struct SignedClaims(Said);

/// The claims of either kind of token. `iss` decides, so that no token can be taken for both.
enum Said {
    /// There is one.
    Named(Claims),
    /// There is none.
    Catalog(CatalogClaims),
}

/// Claims that the issuer signed and that the policy accepts.
pub(super) struct AcceptedClaims {
    pub(super) issuer: String,
    pub(super) tenant: String,
    pub(super) subject: String,
    pub(super) grant: Grant,
    pub(super) access: Option<Access>,
}

impl UnverifiedClaims {
    /// # Errors
    ///
    /// They are no JSON object, a claim is missing or has the wrong type, or one is there twice.
    pub(super) fn read(json: &[u8]) -> Result<Self, AuthError> {
        Said::read(json).map(Self).map_err(|_| AuthError::BadClaims)
    }

    /// Who the token says signed it, if it names anybody: good for choosing the rules by which to doubt it, and for
    /// nothing else.
    pub(super) fn claimed_issuer(&self) -> Option<&str> {
        match &self.0 {
            Said::Named(claims) => Some(&claims.iss),
            Said::Catalog(_) => None,
        }
    }

    /// Whether they would be good if the issuer had signed them. Nothing of them is believed by that: what is refused
    /// anyhow need not be shown to anybody who could say whether it did.
    ///
    /// # Errors
    ///
    /// As [`SignedClaims::judge`]. Of another issuer than a catalog: `UnknownIssuer`.
    pub(super) fn worth_asking_about(&self, issuer: &TrustedIssuer, now: u64) -> Result<(), AuthError> {
        match (&self.0, &issuer.tokens) {
            (Said::Catalog(claims), Tokens::Catalog { tenant }) => {
                claims.check(issuer, tenant, now).map(drop)
            }
            _ => Err(AuthError::UnknownIssuer),
        }
    }

    /// Believes that the issuer signed this. For the verifier, after it or the issuer has checked the signature.
    pub(super) fn signature_was_checked(self) -> SignedClaims {
        SignedClaims(self.0)
    }
}

impl Said {
    fn read(json: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Kind {
            #[serde(default)]
            iss: Presence,
        }
        require_unique_members(json)?;
        let Kind { iss: Presence(names_its_issuer) } = serde_json::from_slice(json)?;
        Ok(if names_its_issuer {
            Self::Named(serde_json::from_slice(json)?)
        } else {
            Self::Catalog(serde_json::from_slice(json)?)
        })
    }
}

impl SignedClaims {
    /// Judges the claims at `now`, in seconds of the Unix epoch. `token` is what they were read from.
    ///
    /// # Errors
    ///
    /// The first rule that they break.
    pub(super) fn judge(
        self,
        issuer: &TrustedIssuer,
        token: &str,
        now: u64,
    ) -> Result<AcceptedClaims, AuthError> {
        match (self.0, &issuer.tokens) {
            (Said::Named(claims), Tokens::Named { audience }) => claims.judge(issuer, audience, token, now),
            (Said::Catalog(claims), Tokens::Catalog { tenant }) => claims.judge(issuer, tenant, token, now),
            (Said::Named(_), Tokens::Catalog { .. }) | (Said::Catalog(_), Tokens::Named { .. }) => {
                Err(AuthError::UnknownIssuer)
            }
        }
    }
}

impl Claims {
    fn judge(
        self,
        issuer: &TrustedIssuer,
        audience: &Audience,
        token: &str,
        now: u64,
    ) -> Result<AcceptedClaims, AuthError> {
        if self.iss != issuer.issuer.as_str() {
            return Err(AuthError::UnknownIssuer);
        }
        if !self.aud.0.iter().any(|name| name == audience.as_str()) {
            return Err(AuthError::WrongAudience);
        }
        judge_time(self.exp, self.nbf, self.iat, now)?;
        if !valid_identifier(&self.sub) || !valid_identifier(&self.tenant) {
            return Err(AuthError::BadIdentifier);
        }
        let grant = self.grant(issuer, token)?;
        let access = access(issuer.scopes, self.scope, self.scp);
        Ok(AcceptedClaims { issuer: self.iss, tenant: self.tenant, subject: self.sub, grant, access })
    }

    /// What the token is exchanged for, within what its issuer may vouch for.
    fn grant(&self, issuer: &TrustedIssuer, token: &str) -> Result<Grant, AuthError> {
        let session_tags = self.session_tags.as_ref().map(|tags| tags.0.clone()).unwrap_or_default();
        if !within_the_limits_of_aws(&session_tags) {
            return Err(AuthError::BadSessionTags);
        }
        let token_expires_at = self.exp;
        let registry = issuer.registry.clone();
        Ok(match &issuer.exchange {
            Exchange::AssumeRole { roles, policy } => Grant::AssumeRole(RoleGrant {
                role_arn: self.role(roles)?,
                session_tags,
                session_policy: policy.as_ref().map(SessionPolicy::text),
                token_expires_at,
                token_digest: issuer.keeps_exchanges.then(|| TokenDigest::of(token)),
                registry: registry.map(|registry| RegistryPass { registry, token: CallerToken::new(token) }),
            }),
            // AWS reads the session's tags in a claim of its own. These would be dropped without a word.
            Exchange::WebIdentity { .. } if !session_tags.is_empty() => {
                return Err(AuthError::BadSessionTags);
            }
            Exchange::WebIdentity { roles, policy } => Grant::WebIdentity(WebIdentityGrant {
                role_arn: self.role(roles)?,
                session_policy: policy.as_ref().map(SessionPolicy::text),
                token: CallerToken::new(token),
                registry,
                token_expires_at,
            }),
            Exchange::Registry { registry, tenants } => {
                if !tenants.contains(&self.tenant) {
                    return Err(AuthError::TenantNotAllowed);
                }
                Grant::Registry(RegistryGrant {
                    registry: registry.clone(),
                    token: CallerToken::new(token),
                    token_expires_at,
                })
            }
        })
    }

    fn role(&self, allowed: &AllowedRoles) -> Result<String, AuthError> {
        let role = self.role_arn.as_deref().ok_or(AuthError::BadClaims)?;
        let role = RoleArn::parse(role).ok_or(AuthError::BadRole)?;
        if !allowed.permit(&self.tenant, &role) {
            // The token is good, so the operator may know whose it is: they have to be helped, or stopped.
            tracing::warn!(
                tenant = self.tenant,
                user = log_hash(&self.iss, &self.tenant, &self.sub),
                role = role.as_str(),
                "a good token names a role that its tenant may not use"
            );
            return Err(AuthError::RoleNotAllowed);
        }
        Ok(role.into_string())
    }
}

/// All times are in seconds of the Unix epoch.
pub(super) fn judge_time(exp: u64, nbf: Option<u64>, iat: Option<u64>, now: u64) -> Result<(), AuthError> {
    if now >= exp.saturating_add(LEEWAY) {
        return Err(AuthError::Expired);
    }
    // Without `iat` the life that is left is all that is known of its length.
    if exp > now.saturating_add(MAX_LIFETIME + LEEWAY) {
        return Err(AuthError::LivesTooLong);
    }
    if let Some(iat) = iat {
        if exp.saturating_sub(iat) > MAX_LIFETIME {
            return Err(AuthError::LivesTooLong);
        }
        if iat > now.saturating_add(LEEWAY) {
            return Err(AuthError::NotYetValid);
        }
    }
    if nbf.is_some_and(|nbf| nbf > now.saturating_add(LEEWAY)) {
        return Err(AuthError::NotYetValid);
    }
    Ok(())
}

/// The limits of STS: 50 tags, keys of 128 and values of 256 characters, keys unique without regard to case, none that
/// AWS has reserved. Refused here, so that no exchange is begun that must fail.
fn within_the_limits_of_aws(tags: &BTreeMap<String, String>) -> bool {
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c));
    let folded: BTreeSet<String> = tags.keys().map(|key| key.to_lowercase()).collect();
    tags.len() <= 50
        && folded.len() == tags.len()
        && !folded.iter().any(|key| key.starts_with("aws:"))
        && tags.iter().all(|(key, value)| {
            (1..=128).contains(&key.chars().count())
                && value.chars().count() <= 256
                && plain(key)
                && plain(value)
        })
}

/// The claims that are read. All others are harmless, since nothing reads them.
#[derive(Deserialize)]
struct Claims {
    /// A string: an array of issuers would let one vouch for another.
    iss: String,
    aud: Audiences,
    sub: String,
    /// Whole seconds, as every time here: a fraction, or a number beyond 2^64, is no time.
    exp: u64,
    #[serde(default, deserialize_with = "not_null")]
    nbf: Option<u64>,
    #[serde(default, deserialize_with = "not_null")]
    iat: Option<u64>,
    tenant: String,
    #[serde(default, deserialize_with = "not_null")]
    role_arn: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    session_tags: Option<SessionTags>,
    #[serde(default, deserialize_with = "not_null")]
    scope: Option<Names>,
    #[serde(default, deserialize_with = "not_null")]
    scp: Option<Names>,
}

/// One name, or a list of names.
#[derive(Deserialize)]
#[serde(from = "OneOrMany")]
struct Audiences(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Audiences {
    fn from(value: OneOrMany) -> Self {
        match value {
            OneOrMany::One(name) => Self(vec![name]),
            // A token for everybody is a token for nobody in particular.
            OneOrMany::Many(names) if names.len() > MAX_AUDIENCES => Self(Vec::new()),
            OneOrMany::Many(names) => Self(names),
        }
    }
}

/// An object of strings. A map of the standard library would quietly keep the last of two equal keys.
#[derive(Default)]
struct SessionTags(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for SessionTags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tags;

        impl<'de> Visitor<'de> for Tags {
            type Value = SessionTags;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SessionTags, A::Error> {
                let mut tags = BTreeMap::new();
                while let Some((key, value)) = map.next_entry()? {
                    if tags.insert(key, value).is_some() {
                        return Err(A::Error::custom("a tag is there twice"));
                    }
                }
                Ok(SessionTags(tags))
            }
        }

        deserializer.deserialize_map(Tags)
    }
}
