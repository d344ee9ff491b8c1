//! The tokens of a stock Quilt catalog, beside an issuer whose tokens say more.

use std::collections::BTreeSet;

use super::*;
use crate::config::{Exchange, Tokens};

const CATALOG_SECRET: &[u8] = b"ca7a1090123456789abcdef0123456789";
const REGISTRY: &str = "https://registry.example.com";
const GOOD: &str = r#"{"id":7,"uuid":"6f9c1e0e-6c1e-4b7a-9d59-3f2a1b0c4d5e","exp":1800000600}"#;

fn with_a_catalog() -> Verifier {
    let ours = ["acme=arn:aws:iam::123456789012:role/quilt-*"];
    let catalog = TrustedIssuer {
        tokens: Tokens::Catalog { tenant: "acme".into() },
        exchange: Exchange::Registry {
            registry: REGISTRY.parse().expect("a URL"),
            tenants: BTreeSet::from(["acme".to_owned()]),
        },
        ..trusted(REGISTRY, "unused", CATALOG_SECRET, &ours)
    };
    let fetch: Arc<dyn Fetch> = Arc::new(crate::client::fetch::HttpFetcher::new());
    Verifier::new(Trust { issuers: vec![trusted(ISSUER, "quilt", SECRET, &ours), catalog] }, &fetch)
}

fn judged(token: &str) -> Result<Authenticated, AuthError> {
    at(&with_a_catalog(), &headers(&format!("Bearer {token}")), NOW)
}

fn said(claims: &str) -> Result<Authenticated, AuthError> {
    judged(&sign_with(HEADER, claims, CATALOG_SECRET))
}

/// The good claims with another `id`.
fn called(id: &str) -> Result<Authenticated, AuthError> {
    said(&GOOD.replace(r#""id":7"#, &format!(r#""id":{id}"#)))
}

#[test]
fn a_good_token_names_its_person_and_the_configuration_the_rest() {
    let authenticated = said(GOOD).expect("good");
    assert_eq!(authenticated.principal, Principal::verified(REGISTRY.into(), "acme".into(), "7".into()));
    let Grant::Registry(grant) = authenticated.grant else { panic!("of its registry alone") };
    assert_eq!((grant.registry.as_str(), grant.token_expires_at), (REGISTRY, NOW + 600));
    assert_eq!(authenticated.access, Some(crate::domain::access::Access::Admin));
}

#[test]
fn a_new_token_of_a_person_is_still_that_person() {
    let renewed = GOOD.replace("6f9c", "0000");
    assert_eq!(said(GOOD).expect("good").principal, said(&renewed).expect("good").principal);
}

#[test]
fn different_ids_are_different_people() {
    let ids =
        ["7", "8", "70", "18446744073709551615", r#""ada""#, r#""ADA""#, r#""7-""#, r#""6f9c1e0e-6c1e""#];
    let people: BTreeSet<_> = ids.iter().map(|id| called(id).expect(id).principal).collect();
    assert_eq!(people.len(), ids.len());
}

#[test]
fn an_id_that_could_be_anothers_is_none() {
    for id in [r#""7""#, r#""007""#, r#""a:b""#, r#""a|b""#, r#""a\nb""#, r#""""#, r#"" 7""#, "\"\u{e9}\""] {
        assert_eq!(called(id), Err(AuthError::BadIdentifier), "{id}");
    }
    for id in ["null", "true", "-7", "7.0", "7e0", "[7]", r#"{"id":7}"#, "18446744073709551616"] {
        assert_eq!(called(id), Err(AuthError::BadClaims), "{id}");
    }
}

#[test]
fn a_uuid_is_a_plain_text() {
    for (uuid, expected) in [
        (r#""a:b""#, AuthError::BadIdentifier),
        (r#""a\nb""#, AuthError::BadIdentifier),
        (r#""""#, AuthError::BadIdentifier),
        ("7", AuthError::BadClaims),
        ("null", AuthError::BadClaims),
        (r#"["a"]"#, AuthError::BadClaims),
        (r#"{"a":"b"}"#, AuthError::BadClaims),
    ] {
        let claims = format!(r#"{{"id":7,"uuid":{uuid},"exp":{}}}"#, NOW + 600);
        assert_eq!(said(&claims), Err(expected), "{uuid}");
    }
}

#[test]
fn nothing_may_be_missing_or_there_twice_or_besides() {
    for claims in [
        r#"{"uuid":"a","exp":1800000600}"#,
        r#"{"id":7,"exp":1800000600}"#,
        r#"{"id":7,"uuid":"a"}"#,
        r#"{"id":7,"id":8,"uuid":"a","exp":1800000600}"#,
        r#"{"id":7,"\u0069d":8,"uuid":"a","exp":1800000600}"#,
        r#"{"id":7,"uuid":"a","uuid":"a","exp":1800000600}"#,
        r#"{"id":7,"uuid":"a","exp":1800000600,"aud":"quilt"}"#,
        r#"{"id":7,"uuid":"a","exp":1800000600,"sub":"ada"}"#,
        r#"{"id":7,"uuid":"a","exp":1800000600,"tenant":"zeta"}"#,
        r#"{"id":7,"uuid":"a","exp":1800000600,"role_arn":"x"}"#,
        r#"{"id":7,"uuid":"a","exp":1800000600,"x":{"id":8}}"#,
        r#"{"id":7,"uuid":"a","exp":"1800000600"}"#,
        r#"{"id":7,"uuid":"a","exp":1800000600.5}"#,
        r#"{"id":7,"uuid":"a","exp":null}"#,
        r#"{"id":7,"uuid":"a","exp":1800000600,"iat":null}"#,
        r#"[7,"a",1800000600]"#,
        "7",
        "{}",
    ] {
        assert_eq!(said(claims), Err(AuthError::BadClaims), "{claims}");
    }
}

#[test]
fn time_counts_as_for_every_token() {
    let until = |exp: u64| said(&format!(r#"{{"id":7,"uuid":"a","exp":{exp}}}"#));
    assert_eq!(until(NOW - 30), Err(AuthError::Expired));
    assert!(until(NOW - 29).is_ok());
    assert_eq!(until(NOW + 24 * 3600 + 31), Err(AuthError::LivesTooLong));
    let from = format!(r#"{{"id":7,"uuid":"a","exp":{},"nbf":{}}}"#, NOW + 600, NOW + 31);
    assert_eq!(said(&from), Err(AuthError::NotYetValid));
}

#[test]
fn it_is_signed_with_the_catalogs_secret_and_hs256() {
    for secret in [SECRET, OTHER_SECRET] {
        assert_eq!(judged(&sign_with(HEADER, GOOD, secret)), Err(AuthError::BadSignature));
    }
    for algorithm in ["none", "HS384", "HS512", "RS256", "ES256", "hs256"] {
        let header = format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#);
        assert_eq!(
            judged(&sign_with(&header, GOOD, CATALOG_SECRET)),
            Err(AuthError::WrongAlgorithm),
            "{algorithm}"
        );
    }
    for member in [r#""crit":[]"#, r#""b64":false"#, r#""jwk":{}"#, r#""kid":"../../dev/null""#] {
        let header = format!(r#"{{"alg":"HS256",{member}}}"#);
        assert_eq!(
            judged(&sign_with(&header, GOOD, CATALOG_SECRET)),
            Err(AuthError::HeaderRefused),
            "{member}"
        );
    }
}

/// `iss` alone decides by whose rules a token is judged, so none is ever judged by both.
#[test]
fn a_token_with_an_issuer_never_goes_this_way() {
    for issuer in [REGISTRY, "", "https://registry.example.com/"] {
        let mut claims = good_claims();
        claims.insert("iss".into(), json!(issuer));
        let token = sign_with(HEADER, &Value::Object(claims).to_string(), CATALOG_SECRET);
        assert_eq!(judged(&token), Err(AuthError::UnknownIssuer), "{issuer:?}");
    }
    for issuer in [r#""https://registry.example.com""#, "null", "[]"] {
        let claims = format!(r#"{{"iss":{issuer},"id":7,"uuid":"a","exp":1800000600}}"#);
        assert_eq!(said(&claims), Err(AuthError::BadClaims), "{issuer}");
    }
}

#[test]
fn a_token_without_an_issuer_never_goes_another_way() {
    let token = sign(HEADER, GOOD);
    assert_eq!(verify(&token), Err(AuthError::UnknownIssuer), "no catalog is configured there");
    let mut claims = good_claims();
    claims.remove("iss");
    let text = Value::Object(claims).to_string();
    assert_eq!(judged(&sign(HEADER, &text)), Err(AuthError::BadClaims));
    assert_eq!(judged(&sign_with(HEADER, &text, CATALOG_SECRET)), Err(AuthError::BadClaims));
}

#[test]
fn the_issuer_beside_it_is_as_before() {
    let authenticated = judged(&good_token()).expect("good");
    assert_eq!(authenticated.principal.issuer(), ISSUER);
    assert!(matches!(authenticated.grant, Grant::AssumeRole(_)));
}
