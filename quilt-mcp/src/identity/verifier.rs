//! The policy by which a token becomes a principal.
//!
//! The order matters: what costs little and trusts nothing comes first. Size and shape, then the header, then which
//! issuer's rules apply, then the algorithm by those rules, then the signature, and only then what the claims mean.
//!
//! `jsonwebtoken` does the cryptography and none of the judging: as configured by default it accepts tokens without
//! `aud` or `iss`, with unknown `crit`, of any type and any size.

use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use jsonwebtoken::crypto::{CryptoProvider, aws_lc};
use jsonwebtoken::{Algorithm, DecodingKey};

use super::token::UnverifiedToken;
use super::{AuthError, Authenticated, bearer};
use crate::config::{KeySource, SigningAlgorithm, Trust, TrustedIssuer};
use crate::domain::principal::{Grant, Principal};

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
}

impl Verifier {
    /// Believes what `trust` says.
    pub fn new(trust: Trust) -> Self {
        // The first to install one wins, and all would install this one.
        let _ = CryptoProvider::install_default(&aws_lc::DEFAULT_PROVIDER);
        Self { issuers: trust.issuers.into_iter().map(KnownIssuer::new).collect() }
    }

    /// Who sends this request.
    ///
    /// # Errors
    ///
    /// There is not exactly one bearer token, or the policy does not accept it.
    pub fn authenticate(&self, headers: &HeaderMap) -> Result<Authenticated, AuthError> {
        // A clock before 1970 leaves every token too far in the future.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.authenticate_at(headers, now)
    }

    /// The same at another time, in seconds of the Unix epoch.
    ///
    /// # Errors
    ///
    /// As [`Verifier::authenticate`].
    pub fn authenticate_at(&self, headers: &HeaderMap, now: u64) -> Result<Authenticated, AuthError> {
        let token = UnverifiedToken::parse(bearer::token(headers)?)?;
        let issuer = self.issuer(token.claims.claimed_issuer())?;
        issuer.check_signature(&token)?;
        let accepted = token.claims.signature_was_checked().judge(&issuer.rules, now)?;
        Ok(Authenticated {
            principal: Principal::verified(accepted.issuer, accepted.tenant, accepted.subject),
            grant: Grant::AssumeRole(accepted.role),
        })
    }

    fn issuer(&self, name: &str) -> Result<&KnownIssuer, AuthError> {
        self.issuers
            .iter()
            .find(|issuer| issuer.rules.issuer.as_str() == name)
            .ok_or(AuthError::UnknownIssuer)
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
    fn new(rules: TrustedIssuer) -> Self {
        let keys = match &rules.keys {
            KeySource::SharedSecret(secret) => Keys::Shared(DecodingKey::from_secret(secret.expose())),
        };
        Self { rules, keys }
    }

    fn check_signature(&self, token: &UnverifiedToken<'_>) -> Result<(), AuthError> {
        let algorithm = self
            .rules
            .algorithms
            .iter()
            .find(|allowed| allowed.name() == token.algorithm)
            .ok_or(AuthError::WrongAlgorithm)?;
        let (key, algorithm) = match (&self.keys, algorithm) {
            (Keys::Shared(key), SigningAlgorithm::Hs256) => (key, Algorithm::HS256),
        };
        match jsonwebtoken::crypto::verify(token.signature, token.signed, key, algorithm) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(AuthError::BadSignature),
        }
    }
}

#[cfg(test)]
mod tests;
