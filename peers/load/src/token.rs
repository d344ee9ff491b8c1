//! The callers: each with a token of its own, signed with a shared secret or with a key that is published.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

use crate::Result;

pub(crate) const ISSUER: &str = "load-issuer";
pub(crate) const AUDIENCE: &str = "load-server";
/// Of the shared secret: nothing is behind it but this machine, for these seconds.
pub(crate) const SECRET: &str = "only-ever-used-by-the-load-driver-on-loopback";
const KEY_ID: &str = "load-key";
const LIFETIME: u64 = 6 * 3600;

/// Signs tokens.
pub(crate) enum Mint {
    Shared,
    Published { private: EncodingKey, set: Value },
}

impl Mint {
    pub(crate) fn published() -> Result<Self> {
        let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048)?;
        let public = pair.public_key();
        let part = |number: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(number);
        let key = json!({
            "kty": "RSA", "use": "sig", "kid": KEY_ID, "alg": "RS256",
            "n": part(public.modulus().big_endian_without_leading_zero()),
            "e": part(public.exponent().big_endian_without_leading_zero()),
        });
        let der = BASE64_STANDARD.encode(pair.as_der()?.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n");
        Ok(Self::Published {
            private: EncodingKey::from_rsa_pem(pem.as_bytes())?,
            set: json!({"keys": [key]}),
        })
    }

    /// What is published, if anything is.
    pub(crate) fn key_set(&self) -> Value {
        match self {
            Self::Shared => json!({"keys": []}),
            Self::Published { set, .. } => set.clone(),
        }
    }

    /// A token of one user of a tenant, who may assume the tenant's role.
    pub(crate) fn token(&self, tenant: &str, user: &str) -> Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": user, "tenant": tenant, "iat": now, "exp": now + LIFETIME,
            "role_arn": format!("arn:aws:iam::123456789012:role/{tenant}"),
        });
        Ok(match self {
            Self::Shared => {
                let key = EncodingKey::from_secret(SECRET.as_bytes());
                jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)?
            }
            Self::Published { private, .. } => {
                let mut header = Header::new(Algorithm::RS256);
                header.kid = Some(KEY_ID.to_owned());
                jsonwebtoken::encode(&header, &claims, private)?
            }
        })
    }

    /// The tenant of a token that was signed with the shared secret and holds.
    pub(crate) fn tenant_of(token: &str) -> Option<String> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&[AUDIENCE]);
        let key = DecodingKey::from_secret(SECRET.as_bytes());
        let claims = jsonwebtoken::decode::<Value>(token, &key, &rules).ok()?.claims;
        claims["tenant"].as_str().map(ToOwned::to_owned)
    }
}
