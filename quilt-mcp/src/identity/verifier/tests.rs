//! Each line of the policy, from the caller's side: tokens that are good but for one thing. What a token is made of
//! is here; what it says is in `claims`.

mod catalog;
mod claims;
mod header;
mod vouched;
mod wycheproof;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use futures_util::FutureExt as _;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use jsonwebtoken::EncodingKey;
use serde_json::{Map, Value, json};

use super::*;
use crate::config::{AllowedRoles, Audience, Issuer, JwtSecret};
use crate::domain::principal::Grant;

const NOW: u64 = 1_800_000_000;
const SECRET: &[u8] = b"0123456789abcdef0123456789ABCDEF";
const OTHER_SECRET: &[u8] = b"fedcba9876543210FEDCBA9876543210";
const ISSUER: &str = "https://idp.example.com";
const OTHER_ISSUER: &str = "https://other.example.com";
const ROLE: &str = "arn:aws:iam::123456789012:role/quilt-reader";
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn trusted(issuer: &str, audience: &str, secret: &[u8], roles: &[&str]) -> TrustedIssuer {
    TrustedIssuer::with_shared_secret(
        Issuer::parse(issuer).expect("a good issuer"),
        Audience::parse(audience).expect("a good audience"),
        JwtSecret::new(secret).expect("a good secret"),
        AllowedRoles::parse(roles).expect("good pairs"),
    )
}

fn verifier() -> Verifier {
    let ours =
        ["acme=arn:aws:iam::123456789012:role/quilt-*", "globex=arn:aws:iam::210987654321:role/quilt-*"];
    let others = ["initech=arn:aws:iam::345678901234:role/quilt-*"];
    let issuers = vec![
        trusted(ISSUER, "quilt", SECRET, &ours),
        trusted(OTHER_ISSUER, "quilt-other", OTHER_SECRET, &others),
    ];
    let fetch: Arc<dyn Fetch> = Arc::new(crate::client::fetch::HttpFetcher::new());
    Verifier::new(Trust { issuers }, &fetch)
}

/// Nothing here has keys that must be fetched, so nothing waits.
fn at(verifier: &Verifier, headers: &HeaderMap, now: u64) -> Result<Authenticated, AuthError> {
    verifier.authenticate_at(headers, now).now_or_never().expect("does not wait")
}

fn good_claims() -> Map<String, Value> {
    let Value::Object(claims) = json!({
        "iss": ISSUER, "aud": "quilt", "sub": "alice", "tenant": "acme", "role_arn": ROLE, "exp": NOW + 600,
    }) else {
        unreachable!("an object")
    };
    claims
}

fn encode(part: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

/// Signs with HS256 whatever the header says, as an attacker with the key would.
fn sign(header: &str, claims: &str) -> String {
    sign_with(header, claims, SECRET)
}

fn sign_with(header: &str, claims: &str, secret: &[u8]) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("signs");
    format!("{message}.{signature}")
}

fn good_token() -> String {
    sign(HEADER, &Value::Object(good_claims()).to_string())
}

fn headers(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(value).expect("a header value"))])
}

fn verify(token: &str) -> Result<Authenticated, AuthError> {
    at(&verifier(), &headers(&format!("Bearer {token}")), NOW)
}

/// The good claims with these in place of theirs.
fn verify_with(changes: &Value) -> Result<Authenticated, AuthError> {
    let mut claims = good_claims();
    for (name, value) in changes.as_object().expect("an object") {
        claims.insert(name.clone(), value.clone());
    }
    verify(&sign(HEADER, &Value::Object(claims).to_string()))
}

/// The good claims as text, with `members` behind them.
fn claims_and(members: &str) -> String {
    let text = Value::Object(good_claims()).to_string();
    format!("{},{members}}}", &text[..text.len() - 1])
}

#[test]
fn a_good_token_names_its_principal_and_grant() {
    let authenticated = verify_with(&json!({
        "session_tags": {"team": "blue"}, "iat": NOW, "nbf": NOW, "unknown": {"is": "ignored"},
    }))
    .expect("a good token");
    assert_eq!(authenticated.principal, Principal::verified(ISSUER.into(), "acme".into(), "alice".into()));
    let Grant::AssumeRole(role) = authenticated.grant else { panic!("not ambient") };
    assert_eq!((role.role_arn.as_str(), role.token_expires_at), (ROLE, NOW + 600));
    assert_eq!(role.session_tags, [("team".to_owned(), "blue".to_owned())].into());
}

#[test]
fn the_authorization_header_is_one_bearer_token() {
    let token = good_token();
    for good in [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("BEARER {token}"),
        format!("Bearer  {token}"),
    ] {
        assert!(at(&verifier(), &headers(&good), NOW).is_ok(), "{good}");
    }
    for bad in [
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
        token.clone(),
        format!("Bearer{token}"),
        format!("Bearer\t{token}"),
        format!("Basic {token}"),
        format!("DPoP {token}"),
        format!("Bearer {token} {token}"),
        format!("Bearer {token},{token}"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer Bearer {token}"),
        format!("Bearer {token}\t"),
        format!(" Bearer {token}"),
        format!("Bearer {token}\u{e9}"),
    ] {
        assert_eq!(at(&verifier(), &headers(&bad), NOW), Err(AuthError::NotBearer), "{bad:?}");
    }
    assert_eq!(at(&verifier(), &HeaderMap::new(), NOW), Err(AuthError::NoToken));
}

#[test]
fn two_headers_are_refused_even_if_both_are_good() {
    let mut two = headers(&format!("Bearer {}", good_token()));
    let same = two[AUTHORIZATION].clone();
    two.append(AUTHORIZATION, same);
    assert_eq!(at(&verifier(), &two, NOW), Err(AuthError::SeveralTokens));
}

#[test]
fn a_token_elsewhere_is_no_token() {
    let mut elsewhere = HeaderMap::new();
    let value = HeaderValue::from_str(&format!("Bearer {}", good_token())).expect("a header value");
    for name in ["cookie", "x-authorization", "proxy-authorization", "x-forwarded-authorization"] {
        elsewhere.insert(name, value.clone());
    }
    assert_eq!(at(&verifier(), &elsewhere, NOW), Err(AuthError::NoToken));
}

#[test]
fn the_size_has_a_limit() {
    let padded = |length: usize| sign(HEADER, &claims_and(&format!(r#""pad":"{}""#, "x".repeat(length))));
    let largest = (0..8000).rev().find(|length| padded(*length).len() <= super::super::token::MAX_BYTES);
    let largest = largest.expect("some fit");
    assert!(verify(&padded(largest)).is_ok());
    assert_eq!(verify(&padded(largest + 2)), Err(AuthError::TooLong));
    assert_eq!(verify(&"x".repeat(1 << 20)), Err(AuthError::TooLong));
}

#[test]
fn a_token_is_three_parts_of_canonical_base64url() {
    let token = good_token();
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("three parts") };
    let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    for bad in [
        ".",
        "..",
        "...",
        "x",
        header,
        &format!("{header}.{payload}"),
        &format!(".{payload}.{signature}"),
        &format!("{header}..{signature}"),
        &format!("{token}."),
        &format!(".{token}"),
        &format!("{token}.{signature}"),
        &format!("{token}.{signature}.{signature}"),
        &format!("{header}.{payload}.{}", URL_SAFE.encode(&bytes)),
        &format!("{header}.{payload}.{}", STANDARD.encode(&bytes)),
        &format!("{header}=.{payload}.{signature}"),
        &format!("{header}.{payload}=.{signature}"),
        &format!("{header}.{payload}.{signature}%3D"),
        &format!("{header}.{payload}.{signature}+"),
        &format!("{header}.{payload}.{signature}/"),
        &format!("{header}.{payload}.{signature}AA"),
        &format!("\"{token}\""),
    ] {
        assert_eq!(verify(bad), Err(AuthError::Malformed), "{bad}");
    }
    assert_eq!(verify(&format!("{header}.{payload}.")), Err(AuthError::BadSignature));
}

#[test]
fn the_last_character_has_one_spelling() {
    let token = good_token();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let accepted = alphabet
        .iter()
        .filter(|byte| verify(&format!("{}{}", &token[..token.len() - 1], char::from(**byte))).is_ok())
        .count();
    assert_eq!(accepted, 1);
}

#[test]
fn no_bit_may_flip() {
    let verifier = verifier();
    let token = good_token().into_bytes();
    let mut tried = 0;
    for place in 0..token.len() {
        for bit in 0..7 {
            let mut flipped = token.clone();
            flipped[place] ^= 1 << bit;
            let Ok(value) = HeaderValue::from_bytes(&[b"Bearer ", flipped.as_slice()].concat()) else {
                continue;
            };
            tried += 1;
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
            assert!(at(&verifier, &headers, NOW).is_err(), "byte {place}, bit {bit}");
        }
    }
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn debug_shows_no_key() {
    let shown = format!("{:?}", verifier());
    assert!(shown.contains(ISSUER));
    assert!(!shown.contains("0123456789abcdef"), "{shown}");
}

proptest::proptest! {
    #[test]
    fn nothing_made_up_is_accepted_and_nothing_panics(text in "\\PC{0,200}") {
        if let Ok(value) = HeaderValue::from_str(&format!("Bearer {text}")) {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
            proptest::prop_assert!(at(&verifier(), &headers, NOW).is_err());
        }
    }

    #[test]
    fn signed_nonsense_is_refused_without_panic(header in "\\PC{0,100}", claims in "\\PC{0,200}") {
        proptest::prop_assert!(verify(&sign(&header, &claims)).is_err());
    }
}
