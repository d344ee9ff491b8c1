//! A token taken apart, nothing in it believed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::AuthError;
use super::claims::UnverifiedClaims;

/// The longest token that is looked at, in bytes. Common HTTP servers take no larger header.
pub(super) const MAX_BYTES: usize = 8 * 1024;

/// A token taken apart, nothing in it believed.
pub(super) struct UnverifiedToken<'a> {
    /// What its signature is judged by.
    pub(super) signed: SignedText<'a>,
    /// What it says.
    pub(super) claims: UnverifiedClaims,
}

/// A text with a signature (RFC 7515), whatever it says.
pub(super) struct SignedText<'a> {
    /// What it says how it is signed. Only ever compared with what the issuer's rules allow.
    pub(super) algorithm: String,
    /// Which of its issuer's published keys it says that it is signed with.
    pub(super) key_id: Option<String>,
    /// What is signed, besides the header.
    payload: Vec<u8>,
    /// What the signature is over.
    pub(super) message: &'a [u8],
    /// The signature, as it was written.
    pub(super) signature: &'a str,
}

impl<'a> UnverifiedToken<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    ///
    /// It is too long, is not three parts of canonical base64url, or its header or claims are refused.
    pub(super) fn parse(token: &'a str) -> Result<Self, AuthError> {
        let signed = SignedText::parse(token)?;
        Ok(Self { claims: UnverifiedClaims::read(&signed.payload)?, signed })
    }
}

impl<'a> SignedText<'a> {
    /// Takes it apart.
    ///
    /// # Errors
    ///
    /// It is too long, is not three parts of canonical base64url, its header is refused, or nobody signed it.
    pub(super) fn parse(token: &'a str) -> Result<Self, AuthError> {
        if token.len() > MAX_BYTES {
            return Err(AuthError::TooLong);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(AuthError::Malformed);
        };
        let header = Header::read(&decode(header)?)?;
        // No slip of the pen, but the oldest way to forge one.
        if signature.is_empty() {
            return Err(AuthError::BadSignature);
        }
        decode(signature)?;
        Ok(Self {
            algorithm: header.alg,
            key_id: header.kid,
            payload: decode(payload)?,
            message: &token.as_bytes()[..token.len() - signature.len() - 1],
            signature,
        })
    }
}

/// Canonical only: no padding, no blanks, no stray bits at the end. One token has one spelling.
fn decode(part: &str) -> Result<Vec<u8>, AuthError> {
    if part.is_empty() {
        return Err(AuthError::Malformed);
    }
    URL_SAFE_NO_PAD.decode(part).map_err(|_| AuthError::Malformed)
}

/// The members that are looked at. All others are harmless, since nothing reads them.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default, deserialize_with = "not_null")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    kid: Option<String>,
    // By these a token would bring its own key, its own rules, or something else than claims.
    #[serde(default)]
    crit: Presence,
    #[serde(default)]
    jku: Presence,
    #[serde(default)]
    jwk: Presence,
    #[serde(default)]
    x5u: Presence,
    #[serde(default)]
    x5c: Presence,
    #[serde(default)]
    b64: Presence,
    #[serde(default)]
    zip: Presence,
    #[serde(default)]
    enc: Presence,
}

impl Header {
    fn read(json: &[u8]) -> Result<Self, AuthError> {
        require_unique_members(json).map_err(|_| AuthError::Malformed)?;
        let header: Self = serde_json::from_slice(json).map_err(|_| AuthError::Malformed)?;
        let refused = [
            &header.crit,
            &header.jku,
            &header.jwk,
            &header.x5u,
            &header.x5c,
            &header.b64,
            &header.zip,
            &header.enc,
        ];
        if refused.iter().any(|member| member.0) {
            return Err(AuthError::HeaderRefused);
        }
        // Of an issuer with one key it selects nothing. One that is no identifier is still an attempt.
        if !header.kid.as_deref().is_none_or(valid_key_id) {
            return Err(AuthError::HeaderRefused);
        }
        let access_token =
            |typ: &String| typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("at+jwt");
        if !header.typ.as_ref().is_none_or(access_token) {
            return Err(AuthError::WrongType);
        }
        Ok(header)
    }
}

/// Whether `kid` may name a key: 1 to 128 of `A-Z a-z 0-9 . _ : @ | = + -`. No path, URL or query is one.
pub(super) fn valid_key_id(kid: &str) -> bool {
    (1..=128).contains(&kid.len())
        && kid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:@|=+-".contains(&byte))
}

/// Whether a member is there, `null` included.
#[derive(Default)]
pub(super) struct Presence(pub(super) bool);

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// A member that may be absent, but not `null`.
pub(super) fn not_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Refuses an object with two members of one name, also among those that nobody reads: of two, another reader of the
/// same token may take the other one.
pub(super) fn require_unique_members(json: &[u8]) -> Result<(), serde_json::Error> {
    struct Unique;

    #[derive(Deserialize)]
    struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

    impl<'de> Visitor<'de> for Unique {
        type Value = Self;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
            let mut names = BTreeSet::new();
            while let Some((Name(name), _)) = map.next_entry::<Name<'de>, IgnoredAny>()? {
                if !names.insert(name) {
                    return Err(A::Error::custom("a member is there twice"));
                }
            }
            Ok(Self)
        }
    }

    impl<'de> Deserialize<'de> for Unique {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Self)
        }
    }

    serde_json::from_slice::<Unique>(json).map(|_| ())
}
