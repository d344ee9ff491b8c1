//! The tokens of a stock Quilt catalog whose secret this server does not have: its registry says which of them it knows.

use std::collections::BTreeSet;
use std::sync::Mutex;

use bytes::Bytes;
use quilt_scope::BoxFuture;

use super::*;
use crate::client::fetch::{FetchError, Fetched, Get};
use crate::config::{Exchange, Tokens};

const REGISTRY: &str = "https://registry.example.com";
/// The registry's, and nobody else's.
const ITS_SECRET: &[u8] = b"ca7a1090123456789abcdef0123456789";
const GOOD: &str = r#"{"id":7,"uuid":"6f9c1e0e-6c1e-4b7a-9d59-3f2a1b0c4d5e","exp":1800000600}"#;

/// Answers this, and notes who was asked about what.
struct Registry {
    status: u16,
    body: &'static str,
    asked: Mutex<Vec<(String, String)>>,
}

impl Fetch for Registry {
    fn get<'a>(&'a self, _: Get<'a>) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        unreachable!("nothing is got")
    }

    fn post<'a>(&'a self, to: Get<'a>, _: Bytes) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        let token = to.bearer.expect("whose").expose().to_owned();
        self.asked.lock().expect("not poisoned").push((to.url.to_owned(), token));
        let answer = Fetched::answering(self.status, self.body);
        Box::pin(async move { Ok(answer) })
    }
}

/// What becomes of a token, and what the registry was shown.
type Judged = (Result<Authenticated, AuthError>, Vec<(String, String)>);

/// At a registry that answers so.
async fn judged(token: &str, status: u16, body: &'static str) -> Judged {
    judged_by(token, status, body, |_| NOW).await
}

/// By this clock, which knows how many questions have been answered.
async fn judged_by(token: &str, status: u16, body: &'static str, clock: fn(usize) -> u64) -> Judged {
    let ours = ["acme=arn:aws:iam::123456789012:role/quilt-*"];
    let catalog = TrustedIssuer {
        tokens: Tokens::Catalog { tenant: "acme".into() },
        keys: KeySource::Registry(REGISTRY.parse().expect("a URL")),
        exchange: Exchange::Registry {
            registry: REGISTRY.parse().expect("a URL"),
            tenants: BTreeSet::from(["acme".to_owned()]),
        },
        ..trusted(REGISTRY, "unused", SECRET, &ours)
    };
    let registry = Arc::new(Registry { status, body, asked: Mutex::default() });
    let fetch: Arc<dyn Fetch> = Arc::clone(&registry) as Arc<dyn Fetch>;
    let verifier =
        Verifier::new(Trust { issuers: vec![trusted(ISSUER, "quilt", SECRET, &ours), catalog] }, &fetch);
    let now = || clock(registry.asked.lock().expect("not poisoned").len());
    let answer = verifier.authenticate_by(&headers(&format!("Bearer {token}")), now).await;
    let asked = registry.asked.lock().expect("not poisoned").clone();
    (answer, asked)
}

const ADA: &str = r#"{"data":{"me":{"name":"ada"}}}"#;

/// Signed by whoever has the secret, which this server has not.
fn signed(claims: &str) -> String {
    sign_with(HEADER, claims, ITS_SECRET)
}

#[tokio::test]
async fn whom_the_registry_knows_is_whom_the_token_names() {
    let token = signed(GOOD);
    let (answer, asked) = judged(&token, 200, ADA).await;
    let authenticated = answer.expect("known");
    assert_eq!(authenticated.principal, Principal::verified(REGISTRY.into(), "acme".into(), "7".into()));
    let Grant::Registry(grant) = authenticated.grant else { panic!("of its registry alone") };
    assert_eq!((grant.registry.as_str(), grant.token_expires_at), (REGISTRY, NOW + 600));
    assert_eq!(asked, [(format!("{REGISTRY}/graphql"), token)]);
}

#[tokio::test]
async fn whom_it_does_not_know_is_nobody() {
    for (status, body) in [(401, "{}"), (200, r#"{"data":{"me":null}}"#)] {
        let (answer, asked) = judged(&signed(GOOD), status, body).await;
        assert_eq!((answer, asked.len()), (Err(AuthError::NotVouchedFor), 1), "{status} {body}");
    }
    assert_eq!(AuthError::NotVouchedFor.retry_after(), None, "as every other refusal");
}

#[tokio::test]
async fn a_registry_that_says_nothing_of_use_lets_nobody_in() {
    let broken = r#"{"data":{"me":null},"errors":[{"message":"Unexpected token < in JSON"}]}"#;
    for (status, body) in [
        (500, ADA),
        (302, ADA),
        (403, "{}"),
        (200, "<html>"),
        (200, "{}x"),
        (200, r#"{"data":{}}"#),
        (200, broken),
        (200, ""),
    ] {
        let (answer, _) = judged(&signed(GOOD), status, body).await;
        assert_eq!(answer, Err(AuthError::RegistrySilent), "{status} {body}");
    }
    assert!(
        AuthError::RegistrySilent.retry_after().is_some() && AuthError::RegistryBusy.retry_after().is_some()
    );
}

#[tokio::test]
async fn what_expires_while_the_registry_is_asked_has_expired() {
    let (answer, asked) = judged_by(&signed(GOOD), 200, ADA, |asked| NOW + 600 * asked as u64).await;
    assert_eq!((answer.map(drop), asked.len()), (Ok(()), 1), "within what clocks may differ by");
    let (answer, asked) = judged_by(&signed(GOOD), 200, ADA, |asked| NOW + 700 * asked as u64).await;
    assert_eq!((answer.map(drop), asked.len()), (Err(AuthError::Expired), 1));
}

/// However much the registry would believe.
#[tokio::test]
async fn what_is_refused_anyhow_is_shown_to_nobody() {
    let with = |header: &str| sign_with(header, GOOD, ITS_SECRET);
    let tokens = [
        (with(r#"{"alg":"none","typ":"JWT"}"#), AuthError::WrongAlgorithm),
        (with(r#"{"alg":"HS512","typ":"JWT"}"#), AuthError::WrongAlgorithm),
        (with(r#"{"alg":"RS256","typ":"JWT"}"#), AuthError::WrongAlgorithm),
        (with(r#"{"alg":"hs256","typ":"JWT"}"#), AuthError::WrongAlgorithm),
        (with(r#"{"alg":"HS256","crit":[]}"#), AuthError::HeaderRefused),
        (with(r#"{"alg":"HS256","jwk":{}}"#), AuthError::HeaderRefused),
        (with(r#"{"alg":"HS256","typ":"logout+jwt"}"#), AuthError::WrongType),
        (signed(r#"{"id":7,"uuid":"a","exp":1799999970}"#), AuthError::Expired),
        (signed(r#"{"id":7,"uuid":"a","exp":1800086431}"#), AuthError::LivesTooLong),
        (signed(r#"{"id":7,"uuid":"a","exp":1800000600,"nbf":1800000031}"#), AuthError::NotYetValid),
        (signed(r#"{"id":"7","uuid":"a","exp":1800000600}"#), AuthError::BadIdentifier),
        (signed(r#"{"id":7,"uuid":"a:b","exp":1800000600}"#), AuthError::BadIdentifier),
        (signed(r#"{"id":7,"uuid":"a","exp":1800000600,"scope":"quilt:admin"}"#), AuthError::BadClaims),
        (signed(r#"{"id":7,"uuid":"a","exp":1800000600,"tenant":"zeta"}"#), AuthError::BadClaims),
        (signed(r#"{"id":7,"id":8,"uuid":"a","exp":1800000600}"#), AuthError::BadClaims),
        (signed(r#"{"uuid":"a","exp":1800000600}"#), AuthError::BadClaims),
        (
            signed(r#"{"iss":"https://registry.example.com","id":7,"uuid":"a","exp":1800000600}"#),
            AuthError::BadClaims,
        ),
        (format!("{}=", signed(GOOD)), AuthError::Malformed),
        (signed(GOOD).rsplit_once('.').expect("parts").0.to_owned() + ".", AuthError::BadSignature),
        ("a.b.c".to_owned(), AuthError::Malformed),
        ("x".repeat(9_000), AuthError::TooLong),
    ];
    for (token, expected) in tokens {
        let (answer, asked) = judged(&token, 200, ADA).await;
        assert_eq!((answer, asked.len()), (Err(expected), 0), "{token}");
    }
}

/// The registry's word counts for its own tokens only.
#[tokio::test]
async fn the_issuer_beside_it_is_judged_by_its_own_keys() {
    let (answer, asked) = judged(&good_token(), 401, "{}").await;
    assert_eq!((answer.expect("good").principal.issuer().to_owned(), asked.len()), (ISSUER.to_owned(), 0));
    let forged = sign_with(HEADER, &Value::Object(good_claims()).to_string(), ITS_SECRET);
    let (answer, asked) = judged(&forged, 200, ADA).await;
    assert_eq!((answer, asked.len()), (Err(AuthError::BadSignature), 0));
    let mut claims = good_claims();
    claims.insert("iss".into(), json!(REGISTRY));
    let (answer, asked) = judged(&sign(HEADER, &Value::Object(claims).to_string()), 200, ADA).await;
    assert_eq!((answer, asked.len()), (Err(AuthError::UnknownIssuer), 0));
}
