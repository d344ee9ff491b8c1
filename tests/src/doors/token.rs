//! The token of a request.

use futures_util::FutureExt as _;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use jsonwebtoken::{Algorithm, EncodingKey};
use quilt_mcp::client::fetch::HttpFetcher;
use quilt_mcp::config::Deployment;
use quilt_mcp::domain::grant::Grant;
use quilt_mcp::identity::{Authenticated, Verifier};
use serde_json::Value;
use std::sync::Arc;

use super::{AUDIENCE, ISSUER, ONE_ISSUER, SECRET, multi_tenant};
use crate::Result;
use crate::token::TokenMint;

/// The seeds are made for this time.
const NOW: u64 = 1_800_000_000;

/// The verifier of a server with one issuer.
pub struct TokenDoor {
    verifier: Verifier,
    mint: TokenMint,
}

impl TokenDoor {
    /// Ready to be tried.
    ///
    /// # Errors
    /// If the server refuses the configuration.
    pub fn open() -> Result<Self> {
        let config = multi_tenant(&ONE_ISSUER)?;
        let Deployment::MultiTenant(trust) = config.deployment else { return Err("it is for many".into()) };
        // An issuer with a secret is never asked for keys.
        let verifier = Verifier::new(trust, &(Arc::new(HttpFetcher::new()) as _));
        Ok(Self { verifier, mint: TokenMint::with_secret(ISSUER, AUDIENCE, SECRET) })
    }

    /// Bytes that begin with `{` are a header, a line end and claims, which get a good signature. All others are a token
    /// as it stands.
    ///
    /// # Panics
    /// If what is accepted is not what was signed, or should not have been.
    pub fn knock(&self, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        match text.split_once('\n') {
            Some((header, claims)) if text.starts_with('{') => {
                let token = self.mint.sign(header, claims).expect("a secret signs everything");
                if let Some(taken) = self.taken(&token) {
                    judge_signed(&taken, header, claims);
                }
            }
            _ => {
                if self.taken(text).is_some() {
                    assert_signed_by_us(text);
                }
            }
        }
    }

    fn taken(&self, token: &str) -> Option<Authenticated> {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        let judged = self.verifier.authenticate_at(&headers, NOW).now_or_never();
        judged.expect("a shared secret is waited for by nobody").ok()
    }
}

/// What was accepted says what another reader of the same JSON reads.
fn judge_signed(taken: &Authenticated, header: &str, claims: &str) {
    let header: Value = serde_json::from_str(header).expect("what is accepted is JSON");
    let claims: Value = serde_json::from_str(claims).expect("what is accepted is JSON");
    assert_eq!(header["alg"], "HS256", "{header}");
    for refused in ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"] {
        assert!(header.get(refused).is_none(), "{header}");
    }
    assert_eq!(claims["iss"], ISSUER, "{claims}");
    let for_us = |audience: &Value| audience == AUDIENCE;
    let listed = claims["aud"].as_array().is_some_and(|all| all.iter().any(for_us));
    assert!(for_us(&claims["aud"]) || listed, "{claims}");
    let ends = claims["exp"].as_u64().expect("it ends");
    assert!((NOW - 30..=NOW + 86_430).contains(&ends), "{claims}");
    for begins in ["nbf", "iat"] {
        assert!(claims.get(begins).is_none_or(|at| at.as_u64().is_some_and(|at| at <= NOW + 30)), "{claims}");
    }
    assert_eq!(claims["sub"], taken.principal.subject(), "{claims}");
    assert_eq!(claims["tenant"], taken.principal.tenant(), "{claims}");
    assert_eq!(taken.principal.tenant(), "acme", "no other tenant has a role: {claims}");
    let Grant::AssumeRole(role) = &taken.grant else { panic!("{claims}: no other kind is configured") };
    assert_eq!(claims["role_arn"], role.role_arn.as_str(), "{claims}");
    assert!(role.role_arn.starts_with("arn:aws:iam::123456789012:role/quilt-"), "{claims}");
}

/// Nobody else can have made it.
fn assert_signed_by_us(token: &str) {
    // There may be more than one blank after `Bearer`.
    let token = token.trim_start_matches(' ');
    let (message, signature) = token.rsplit_once('.').expect("what is accepted has three parts");
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let ours = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256);
    assert_eq!(ours.expect("a secret signs everything"), signature, "{token}");
}
