//! The test vectors of Project Wycheproof for signatures and keys (`wycheproof/README.md`): what is invalid is refused, and what
//! is valid is accepted but for what is listed here with a reason.

use serde::Deserialize;

use super::*;

const SIGNATURES: &str = include_str!("wycheproof/signatures.json");
const KEYS: &str = include_str!("wycheproof/keys.json");

/// Valid by the vectors, and refused here.
const REFUSED_SIGNATURES: [(u32, &str); 12] = [
    (259, "nothing is signed, and a token says something"),
    (264, "as 259"),
    (268, "as 259"),
    (272, "as 259"),
    (320, "as 259"),
    (325, "as 259"),
    (346, "the key says that it signs PS256 only, and the token says PS384"),
    (347, "ES512 is none of the algorithms that can be allowed"),
    (350, "as 346"),
    (351, "as 347"),
    (372, "there is a `?` in it, which is no base64url"),
    (373, "as 372"),
];
/// Invalid by the vectors, and the same text as one that is valid by them, 357.
const ACCEPTED_SIGNATURES: [u32; 2] = [367, 370];
/// Valid by the vectors, and refused here.
const REFUSED_KEYS: [(u32, &str); 3] = [
    (2, "a symmetric key is no key to publish"),
    (14, "HS384 is none of the algorithms that can be allowed"),
    (15, "as 14, with HS512"),
];

#[derive(Deserialize)]
struct Group {
    about: String,
    key: Value,
    tests: Vec<(u32, bool, String)>,
}

/// Whether an issuer with this key, or this set of keys, that allows what such keys can sign, has signed this.
fn accepts(key: &Value, token: &str) -> Result<(), AuthError> {
    let token = SignedText::parse(token)?;
    let named = SigningAlgorithm::ALL.iter().find(|known| known.name() == token.algorithm);
    let algorithm = *named.ok_or(AuthError::WrongAlgorithm)?;
    // A set of one secret is that secret. Of several, none is published.
    let alone = key["keys"].as_array().filter(|keys| keys.len() == 1).map_or(key, |keys| &keys[0]);
    let Some(secret) = alone["k"].as_str() else {
        let set = if key.get("keys").is_some() { key.clone() } else { json!({"keys": [key]}) };
        let keys = KeySet::read(set.to_string().as_bytes()).map_err(|_| AuthError::UnknownKey)?;
        let kid = token.key_id.as_deref().ok_or(AuthError::UnknownKey)?;
        return check_published(&token, &keys, kid, algorithm);
    };
    // A secret has no algorithm but this one here, whatever a key says that holds it.
    if algorithm != SigningAlgorithm::Hs256 || alone["alg"] != "HS256" {
        return Err(AuthError::WrongAlgorithm);
    }
    let secret = URL_SAFE_NO_PAD.decode(secret).map_err(|_| AuthError::UnknownKey)?;
    // A configuration refuses more than short ones: one of the vectors is zeros throughout.
    if secret.len() < 32 {
        return Err(AuthError::UnknownKey);
    }
    check(&token, &DecodingKey::from_secret(&secret), algorithm)
}

/// How many are invalid and valid, each judged as it should be.
fn judged(vectors: &str, refused: &[(u32, &str)], accepted: &[u32]) -> (usize, usize) {
    let _ = CryptoProvider::install_default(&aws_lc::DEFAULT_PROVIDER);
    let groups: Vec<Group> = serde_json::from_str(vectors).expect("the vectors are as they were written");
    let mut counts = (0, 0);
    for group in groups {
        for (number, valid, token) in group.tests {
            if valid {
                counts.1 += 1;
            } else {
                counts.0 += 1;
            }
            let waived = refused.iter().any(|(one, _)| *one == number);
            let expected = valid && !waived || accepted.contains(&number);
            let result = accepts(&group.key, &token);
            assert_eq!(result.is_ok(), expected, "{number} of {}: {result:?} for {token}", group.about);
        }
    }
    counts
}

#[test]
fn signatures_are_judged_as_wycheproof_does() {
    assert_eq!(judged(SIGNATURES, &REFUSED_SIGNATURES, &ACCEPTED_SIGNATURES), (355, 46));
}

#[test]
fn keys_are_judged_as_wycheproof_does() {
    assert_eq!(judged(KEYS, &REFUSED_KEYS, &[]), (21, 5));
}
