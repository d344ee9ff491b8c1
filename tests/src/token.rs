//! Tokens as an identity provider would issue them, and as one would not.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::canary::MARK;
use crate::world::Person;

/// Seconds for which a good token is good.
const LIFETIME: u64 = 3600;

/// An issuer with a secret that it shares with the server.
#[derive(Clone)]
pub struct TokenMint {
    secret: String,
    /// The `iss` of its tokens.
    pub issuer: String,
    /// The `aud` of its tokens.
    pub audience: String,
}

/// The claims of one token, before they are signed.
#[derive(Clone)]
pub struct Claims<'m> {
    mint: &'m TokenMint,
    claims: Map<String, Value>,
}

impl TokenMint {
    /// With a fresh secret.
    pub fn new(issuer: &str, audience: &str) -> Self {
        let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        Self { secret, issuer: issuer.into(), audience: audience.into() }
    }

    /// With a secret that is known already.
    pub fn with_secret(issuer: &str, audience: &str, secret: &str) -> Self {
        Self { secret: secret.into(), issuer: issuer.into(), audience: audience.into() }
    }

    /// What the server is configured with.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// What a good token says about somebody.
    pub fn claims(&self, person: &Person) -> Claims<'_> {
        let claims = good_claims(&self.issuer, &self.audience, person);
        Claims { mint: self, claims }
    }

    /// A token of exactly this header and these claims.
    ///
    /// # Errors
    /// If it cannot be signed.
    pub fn sign(&self, header: &str, claims: &str) -> crate::Result<String> {
        let encode = |part: &str| BASE64_URL_SAFE_NO_PAD.encode(part);
        let message = format!("{}.{}", encode(header), encode(claims));
        let key = EncodingKey::from_secret(self.secret.as_bytes());
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256)?;
        Ok(format!("{message}.{signature}"))
    }

    /// A good token.
    pub fn good(&self, person: &Person) -> String {
        self.claims(person).signed()
    }

    /// Was good an hour ago.
    pub fn expired(&self, person: &Person) -> String {
        self.claims(person).with("exp", json!(now() - LIFETIME)).signed()
    }

    /// The right words, signed by somebody else.
    pub fn foreign(&self, person: &Person) -> String {
        let stranger = Self { secret: Uuid::new_v4().simple().to_string().repeat(2), ..self.clone() };
        stranger.good(person)
    }

    /// A good token of `bearer` in which the claims were replaced by those of `victim`.
    pub fn tampered(&self, bearer: &Person, victim: &Person) -> String {
        let (honest, wanted) = (self.good(bearer), self.good(victim));
        let (mut parts, wanted) =
            (honest.split('.').collect::<Vec<_>>(), wanted.split('.').collect::<Vec<_>>());
        parts[1] = wanted[1];
        parts.join(".")
    }

    /// The right words and no signature: `alg` is `none`.
    pub fn unsigned(&self, person: &Person) -> String {
        let header = BASE64_URL_SAFE_NO_PAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
        let body = BASE64_URL_SAFE_NO_PAD.encode(Value::Object(self.claims(person).claims).to_string());
        format!("{header}.{body}.")
    }
}

impl Claims<'_> {
    /// With one claim set.
    #[must_use]
    pub fn with(mut self, claim: &str, value: Value) -> Self {
        self.claims.insert(claim.into(), value);
        self
    }

    /// With one claim left out.
    #[must_use]
    pub fn without(mut self, claim: &str) -> Self {
        self.claims.remove(claim);
        self
    }

    /// The claims alone.
    pub fn into_object(self) -> Map<String, Value> {
        self.claims
    }

    /// The token.
    pub fn signed(&self) -> String {
        let key = EncodingKey::from_secret(self.mint.secret.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &self.claims, &key)
            .expect("an object and a secret can be signed")
    }
}

/// What a good token says about somebody.
pub fn good_claims(issuer: &str, audience: &str, person: &Person) -> Map<String, Value> {
    let claims = json!({
        "iss": issuer,
        "aud": audience,
        "sub": person.subject,
        "exp": now() + LIFETIME,
        "jti": format!("{}{MARK}", Uuid::new_v4().simple()),
        "iat": now(),
        "tenant": person.tenant,
        "role_arn": person.role_arn,
    });
    let Value::Object(claims) = claims else { unreachable!("written as an object above") };
    claims
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_secs()
}
