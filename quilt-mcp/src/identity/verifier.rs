//! The policy by which a token becomes a principal.
//!
//! The order matters: what costs little and trusts nothing comes first. Size and shape, then the header, then which
//! issuer's rules apply, then the algorithm by those rules, then the signature, and only then what the claims mean. Where a
//! registry has to be asked about the signature, the claims are judged before and after: what is refused anyhow is shown to
//! nobody, and what counts is what was judged once it was known to be signed, by the clock as it is then: an answer may take
//! seconds.
//!
//! `jsonwebtoken` does the cryptography and none of the judging: as configured by default it accepts tokens without
//! `aud` or `iss`, with unknown `crit`, of any type and any size.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use jsonwebtoken::crypto::{CryptoProvider, aws_lc};
use jsonwebtoken::{Algorithm, DecodingKey};

use super::claims::SignedClaims;
use super::key_cache::{KeyCache, PublishedKeys, Timing};
use super::keys::KeySet;
use super::token::{SignedText, UnverifiedToken};
use super::vouching::{Bounds, Questions, Vouching};
use super::{AuthError, Authenticated, bearer};
use crate::client::fetch::Fetch;
use crate::config::{KeySource, SigningAlgorithm, Tokens, Trust, TrustedIssuer};
use crate::domain::principal::Principal;

/// Knows whom to believe, and what.
pub struct Verifier {
    issuers: Vec<KnownIssuer>,
}

struct KnownIssuer {
    rules: TrustedIssuer,
    keys: Keys,
}

/// The keys of one issuer. Which of them a token may be checked with is for the issuer's rules to say, never for the
/// token.
enum Keys {
    Shared(DecodingKey),
    Published(KeyCache),
    /// None: the registry that signs the tokens says which of them it knows.
    Registry(Vouching),
}

impl Verifier {
    /// Believes what `trust` says. Keys that an issuer publishes are fetched with `fetch`, beginning now: then this must
    /// be called within a runtime.
    pub fn new(trust: Trust, fetch: &Arc<dyn Fetch>) -> Self {
        // The first to install one wins, and all would install this one.
        let _ = CryptoProvider::install_default(&aws_lc::DEFAULT_PROVIDER);
        let known = |rules| KnownIssuer::new(rules, fetch);
        Self { issuers: trust.issuers.into_iter().map(known).collect() }
    }

    /// Who sends this request.
    ///
    /// # Errors
    ///
    /// There is not exactly one bearer token, or the policy does not accept it.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Authenticated, AuthError> {
        // A clock before 1970 leaves every token too far in the future.
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.authenticate_by(headers, now).await
    }

    /// The same at another time, in seconds of the Unix epoch.
    ///
    /// # Errors
    ///
    /// As [`Verifier::authenticate`].
    pub async fn authenticate_at(&self, headers: &HeaderMap, now: u64) -> Result<Authenticated, AuthError> {
        self.authenticate_by(headers, || now).await
    }

    /// By a clock, which is read again once the signature is known to be good: that may have taken a while.
    async fn authenticate_by(
        &self,
        headers: &HeaderMap,
        now: impl Fn() -> u64,
    ) -> Result<Authenticated, AuthError> {
        let text = bearer::token(headers)?;
        let token = UnverifiedToken::parse(text)?;
        let issuer = self.issuer(token.claims.claimed_issuer())?;
        let accepted = issuer.signed(token, text, now()).await?.judge(&issuer.rules, text, now())?;
        Ok(Authenticated {
            principal: Principal::verified(accepted.issuer, accepted.tenant, accepted.subject),
            grant: accepted.grant,
            access: accepted.access,
        })
    }

    pub(super) fn published_keys(&self) -> Vec<PublishedKeys<'_>> {
        let published = self.issuers.iter().filter_map(|issuer| match &issuer.keys {
            Keys::Published(cache) => Some(cache.state()),
            Keys::Shared(_) | Keys::Registry(_) => None,
        });
        published.collect()
    }

    pub(super) fn questions(&self) -> Vec<Questions<'_>> {
        let asking = self.issuers.iter().filter_map(|issuer| match &issuer.keys {
            Keys::Registry(vouching) => Some(vouching.questions()),
            Keys::Shared(_) | Keys::Published(_) => None,
        });
        asking.collect()
    }

    pub(super) fn can_check_tokens(&self) -> bool {
        self.issuers.iter().any(|issuer| match &issuer.keys {
            // Whether a registry answers is known when it is asked.
            Keys::Shared(_) | Keys::Registry(_) => true,
            Keys::Published(cache) => cache.state().usable > 0,
        })
    }

    /// Whose rules apply to a token that names this issuer. One that names none can only be a catalog's, of which there
    /// is at most one; one that does name one never is.
    fn issuer(&self, name: Option<&str>) -> Result<&KnownIssuer, AuthError> {
        let applies = |issuer: &&KnownIssuer| match issuer.rules.tokens {
            Tokens::Named { .. } => name == Some(issuer.rules.issuer.as_str()),
            Tokens::Catalog { .. } => name.is_none(),
        };
        self.issuers.iter().find(applies).ok_or(AuthError::UnknownIssuer)
    }
}

/// Whom it believes is no secret, with what keys is.
impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier")
            .field("issuers", &self.issuers.iter().map(|issuer| &issuer.rules.issuer).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl KnownIssuer {
    fn new(rules: TrustedIssuer, fetch: &Arc<dyn Fetch>) -> Self {
        let keys = match &rules.keys {
            KeySource::SharedSecret(secret) => Keys::Shared(DecodingKey::from_secret(secret.expose())),
            KeySource::Published(url) => {
                let (issuer, fetch) = (rules.issuer.as_str(), Arc::clone(fetch));
                Keys::Published(KeyCache::open(issuer, Arc::clone(url), fetch, Timing::default()))
            }
            KeySource::Registry(registry) => {
                Keys::Registry(Vouching::by(registry.clone(), Arc::clone(fetch), Bounds::default()))
            }
        };
        Self { rules, keys }
    }

    /// What the token says, once it is known that the issuer has signed it. `text` is the whole token.
    async fn signed(
        &self,
        token: UnverifiedToken<'_>,
        text: &str,
        now: u64,
    ) -> Result<SignedClaims, AuthError> {
        let UnverifiedToken { signed, claims } = token;
        let allowed = self.rules.algorithms.iter().find(|allowed| allowed.name() == signed.algorithm);
        let algorithm = *allowed.ok_or(AuthError::WrongAlgorithm)?;
        match &self.keys {
            // Configured so, but not to be relied on: a public key must never be taken for a secret.
            Keys::Shared(_) if !algorithm.is_symmetric() => return Err(AuthError::WrongAlgorithm),
            Keys::Shared(key) => check(&signed, key, algorithm)?,
            Keys::Published(keys) => {
                let kid = signed.key_id.as_deref().ok_or(AuthError::UnknownKey)?;
                let keys = keys.with_key(kid).await.ok_or(AuthError::UnknownKey)?;
                check_published(&signed, &keys, kid, algorithm)?;
            }
            Keys::Registry(vouching) => {
                claims.worth_asking_about(&self.rules, now)?;
                vouching.knows(text).await?;
            }
        }
        Ok(claims.signature_was_checked())
    }
}

fn check_published(
    token: &SignedText<'_>,
    keys: &KeySet,
    kid: &str,
    algorithm: SigningAlgorithm,
) -> Result<(), AuthError> {
    let key = keys.get(kid).ok_or(AuthError::UnknownKey)?;
    if !key.signs(algorithm) {
        return Err(AuthError::WrongAlgorithm);
    }
    check(token, &key.key, algorithm)
}

fn check(token: &SignedText<'_>, key: &DecodingKey, algorithm: SigningAlgorithm) -> Result<(), AuthError> {
    match jsonwebtoken::crypto::verify(token.signature, token.message, key, library_name(algorithm)) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(AuthError::BadSignature),
    }
}

fn library_name(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::Hs256 => Algorithm::HS256,
        SigningAlgorithm::Rs256 => Algorithm::RS256,
        SigningAlgorithm::Rs384 => Algorithm::RS384,
        SigningAlgorithm::Rs512 => Algorithm::RS512,
        SigningAlgorithm::Ps256 => Algorithm::PS256,
        SigningAlgorithm::Ps384 => Algorithm::PS384,
        SigningAlgorithm::Ps512 => Algorithm::PS512,
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::Es384 => Algorithm::ES384,
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}

#[cfg(test)]
mod tests;
