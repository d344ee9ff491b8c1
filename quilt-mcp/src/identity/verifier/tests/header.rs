//! The token's header: which algorithm and key it asks for, and that nobody listens.

use super::*;

#[test]
fn only_the_issuers_algorithm_counts() {
    let claims = Value::Object(good_claims()).to_string();
    for algorithm in [
        "none",
        "None",
        "NONE",
        "nOnE",
        "noNe",
        "",
        "hs256",
        "Hs256",
        "HS256 ",
        " HS256",
        "HS384",
        "HS512",
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "ES256",
        "ES384",
        "ES512",
        "EdDSA",
        "A128KW",
        "dir",
        "HS256\u{0}",
    ] {
        let header = json!({"alg": algorithm, "typ": "JWT"}).to_string();
        assert_eq!(verify(&sign(&header, &claims)), Err(AuthError::WrongAlgorithm), "{algorithm:?}");
    }
    for header in [
        r#"{"typ":"JWT"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":256}"#,
        r#"{"alg":{}}"#,
        r#"{"ALG":"HS256"}"#,
        r#"{"alg":"HS256","alg":"none"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":"a","kid":"a"}"#,
        r#"{"alg":"HS256","x":1,"x":2}"#,
        r#"{"alg":"HS256"} x"#,
        "{\u{feff}\"alg\":\"HS256\"}",
        "\u{feff}{\"alg\":\"HS256\"}",
        r#"["HS256"]"#,
        r#""HS256""#,
        "null",
        "",
        "{",
        r#"{"alg":"HS256",}"#,
        r#"{'alg':'HS256'}"#,
        r#"{"alg":"HS256","typ":null}"#,
        r#"{"alg":"HS256","typ":["JWT"]}"#,
        r#"{"alg":"HS256","kid":7}"#,
        r#"{"alg":"HS256","kid":null}"#,
    ] {
        assert_eq!(verify(&sign(header, &claims)), Err(AuthError::Malformed), "{header}");
    }
}

#[test]
fn an_unsigned_token_is_refused_with_any_signature() {
    let claims = encode(Value::Object(good_claims()).to_string());
    for algorithm in ["none", "None", "NONE", "HS256"] {
        let header = encode(json!({"alg": algorithm}).to_string());
        for signature in ["", "AA", "bnVsbA"] {
            assert!(verify(&format!("{header}.{claims}.{signature}")).is_err(), "{algorithm} {signature}");
        }
    }
}

#[test]
fn guessed_keys_and_public_keys_do_not_sign() {
    let claims = Value::Object(good_claims()).to_string();
    let pem = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
    for secret in ["", "secret", "changeme", "your-256-bit-secret", "null", ISSUER, pem] {
        assert_eq!(
            verify(&sign_with(HEADER, &claims, secret.as_bytes())),
            Err(AuthError::BadSignature),
            "{secret}"
        );
    }
    assert_eq!(verify(&sign_with(HEADER, &claims, &SECRET[..31])), Err(AuthError::BadSignature));
    let longer = [SECRET, b"x"].concat();
    assert_eq!(verify(&sign_with(HEADER, &claims, &longer)), Err(AuthError::BadSignature));
}

#[test]
fn a_token_cannot_choose_its_key_or_its_rules() {
    let claims = Value::Object(good_claims()).to_string();
    for member in [
        r#""crit":["b64"]"#,
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""crit":"x""#,
        r#""jku":"https://evil.example/jwks""#,
        r#""jku":null"#,
        r#""jwk":{"kty":"oct","k":"AAAA"}"#,
        r#""jwk":null"#,
        r#""x5u":"https://evil.example/cert""#,
        r#""x5c":["MIIB"]"#,
        r#""x5c":[]"#,
        r#""b64":false"#,
        r#""b64":true"#,
        r#""zip":"DEF""#,
        r#""enc":"A256GCM""#,
        r#""kid":"""#,
        r#""kid":"../../dev/null""#,
        r#""kid":"' OR 1=1 --""#,
        r#""kid":"https://evil.example/key""#,
        r#""kid":"a\u0000b""#,
        r#""kid":"clé""#,
    ] {
        let header = format!(r#"{{"alg":"HS256",{member}}}"#);
        assert_eq!(verify(&sign(&header, &claims)), Err(AuthError::HeaderRefused), "{header}");
    }
    let long = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(129));
    assert_eq!(verify(&sign(&long, &claims)), Err(AuthError::HeaderRefused));
}

#[test]
fn harmless_headers_are_accepted() {
    let claims = Value::Object(good_claims()).to_string();
    for header in [
        r#"{"alg":"HS256"}"#,
        r#"{ "typ" : "JWT" , "alg" : "HS256" }"#,
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        r#"{"alg":"HS256","typ":"jwt"}"#,
        r#"{"alg":"HS256","typ":"AT+JWT","kid":"2026-11.a_b"}"#,
        r#"{"alg":"HS256","cty":"x","unknown":[1,{"deep":null}]}"#,
        r#"{"\u0061lg":"HS256"}"#,
    ] {
        assert!(verify(&sign(header, &claims)).is_ok(), "{header}");
    }
}

#[test]
fn other_kinds_of_token_are_refused() {
    let claims = Value::Object(good_claims()).to_string();
    for typ in [
        "",
        "dpop+jwt",
        "id_token",
        "logout+jwt",
        "secevent+jwt",
        "JOSE",
        "JWT ",
        "application/jwt+x",
        "at+jwt;x",
    ] {
        let header = json!({"alg": "HS256", "typ": typ}).to_string();
        assert_eq!(verify(&sign(&header, &claims)), Err(AuthError::WrongType), "{typ:?}");
    }
}
