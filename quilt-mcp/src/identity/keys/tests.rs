use serde_json::json;

use super::*;

const X: &str = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
const Y: &str = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";
const ED: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn modulus(bytes: usize) -> Vec<u8> {
    // Odd, with its highest bit set, and no power of 65537 modulo 3.
    let mut n: Vec<u8> = (0..bytes).map(|at| (at * 37 + 11) as u8).collect();
    n[0] |= 0x80;
    n[bytes - 1] |= 1;
    while has_the_roca_fingerprint(&n) {
        n[bytes - 2] = n[bytes - 2].wrapping_add(1);
    }
    n
}

fn rsa_key(n: &[u8], e: &[u8]) -> Value {
    json!({"kty": "RSA", "kid": "r", "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)})
}

fn ec_key() -> Value {
    json!({"kty": "EC", "kid": "e", "crv": "P-256", "x": X, "y": Y})
}

fn set(keys: &[Value]) -> Result<KeySet, NoKeys> {
    KeySet::read(json!({ "keys": keys }).to_string().as_bytes())
}

/// The key with one member changed; `null` takes it out.
fn changed(mut key: Value, member: &str, value: Value) -> Value {
    if value.is_null() {
        key.as_object_mut().expect("an object").remove(member);
    } else {
        key[member] = value;
    }
    key
}

fn algorithms(key: Value) -> Vec<&'static str> {
    let kid = key["kid"].as_str().expect("a name").to_owned();
    let set = set(&[key]).expect("a good key");
    let key = set.get(&kid).expect("there");
    SigningAlgorithm::ALL.iter().filter(|a| key.signs(**a)).map(|a| a.name()).collect()
}

#[test]
fn a_key_checks_what_its_type_can_sign_and_no_more() {
    let rsa = rsa_key(&modulus(256), &[1, 0, 1]);
    assert_eq!(algorithms(rsa.clone()), ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]);
    assert_eq!(algorithms(changed(rsa, "alg", json!("PS384"))), ["PS384"]);
    assert_eq!(algorithms(ec_key()), ["ES256"]);
    assert_eq!(algorithms(json!({"kty": "OKP", "kid": "o", "crv": "Ed25519", "x": ED})), ["EdDSA"]);
    let purpose = changed(changed(ec_key(), "use", json!("sig")), "key_ops", json!(["verify"]));
    assert_eq!(algorithms(purpose), ["ES256"]);
}

#[test]
fn keys_that_break_a_rule_are_left_out() {
    let rsa = || rsa_key(&modulus(256), &[1, 0, 1]);
    let mut bad = vec![
        json!({"kty": "oct", "kid": "s", "k": "AAAA"}),
        json!({"kty": "oct", "kid": "s", "alg": "HS256", "k": "c2VjcmV0"}),
        json!({"kty": "OKP", "kid": "o", "crv": "X25519", "x": ED}),
        json!({"kty": "OKP", "kid": "o", "crv": "Ed25519", "x": "AAAA"}),
        json!({"kty": "OKP", "kid": "o", "crv": "Ed448", "x": ED}),
        rsa_key(&modulus(128), &[1, 0, 1]),
        rsa_key(&modulus(255), &[1, 0, 1]),
        rsa_key(&modulus(1025), &[1, 0, 1]),
        rsa_key(&modulus(256), &[3]),
        rsa_key(&modulus(256), &[]),
        rsa_key(&modulus(256), &[1, 0, 0]),
        rsa_key(&modulus(256), &[1, 0, 1, 0, 1]),
        rsa_key(&[], &[1, 0, 1]),
        json!("r"),
        json!(null),
        json!({}),
    ];
    let mut even = modulus(256);
    even[255] &= 0xfe;
    bad.push(rsa_key(&even, &[1, 0, 1]));
    for (member, value) in [
        ("kid", json!(null)),
        ("kid", json!(7)),
        ("kid", json!("")),
        ("kid", json!("../../dev/null")),
        ("kid", json!("k".repeat(129))),
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("key_ops", json!([])),
        ("alg", json!("HS256")),
        ("alg", json!("none")),
        ("alg", json!("ES256")),
        ("d", json!("AAAA")),
        ("p", json!("AAAA")),
        ("k", json!("AAAA")),
        ("kty", json!("rsa")),
        ("crv", json!("P-256")),
        ("n", json!(null)),
        ("e", json!("AQAB=")),
    ] {
        bad.push(changed(rsa(), member, value));
    }
    for (member, value) in [
        ("crv", json!("P-384")),
        ("crv", json!("P-521")),
        ("crv", json!("secp256k1")),
        ("crv", json!(null)),
        ("alg", json!("ES384")),
        ("x", json!("AAAA")),
        ("y", json!(null)),
    ] {
        bad.push(changed(ec_key(), member, value));
    }
    for key in &bad {
        assert_eq!(set(std::slice::from_ref(key)).err(), Some(NoKeys::NoneIsGood), "{key}");
        // It does not keep a good one from being used.
        let good = changed(ec_key(), "kid", json!("good"));
        assert!(set(&[key.clone(), good]).expect("the good one").get("good").is_some(), "{key}");
    }
}

#[test]
fn two_keys_of_one_name_are_both_left_out() {
    let other = changed(rsa_key(&modulus(256), &[1, 0, 1]), "kid", json!("e"));
    assert!(set(&[ec_key(), other.clone()]).is_err());
    // Also if one of them would have been left out anyway.
    assert!(set(&[ec_key(), json!({"kty": "oct", "kid": "e", "k": "AAAA"})]).is_err());
    let third = changed(ec_key(), "kid", json!("third"));
    let set = set(&[ec_key(), other, third]).expect("one");
    assert_eq!((set.len(), set.get("e").is_none()), (1, true));
}

#[test]
fn what_is_no_set_is_refused() {
    for json in ["", "[]", "{}", "null", r#"{"keys":{}}"#, r#"{"keys":"x"}"#, "<html>"] {
        assert_eq!(KeySet::read(json.as_bytes()).err(), Some(NoKeys::NotASet), "{json}");
    }
    assert_eq!(set(&[]).err(), Some(NoKeys::NoneIsGood));
    assert_eq!(set(&vec![ec_key(); 101]).err(), Some(NoKeys::TooMany));
    let deep = format!(r#"{{"keys":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(KeySet::read(deep.as_bytes()).err(), Some(NoKeys::NotASet));
}

#[test]
fn moduli_of_the_broken_generator_are_known() {
    // 65537^k modulo the product of all primes has the fingerprint by construction: 1 is 65537^0.
    assert!(has_the_roca_fingerprint(&[1]));
    assert!(has_the_roca_fingerprint(&65_537_u32.to_be_bytes()));
    assert!(!has_the_roca_fingerprint(&modulus(256)));
}

proptest::proptest! {
    #[test]
    fn nothing_made_up_panics(text in "\\PC{0,300}") {
        let _ = KeySet::read(text.as_bytes());
        let _ = KeySet::read(format!("{{\"keys\":[{text}]}}").as_bytes());
    }
}

/// Found by the fuzz target `keys`: under such a key 64 zeros are a signature of one text in four.
#[test]
fn ed25519_keys_for_which_anybody_can_sign_are_left_out() {
    let key = |point: [u8; 32]| {
        let x = URL_SAFE_NO_PAD.encode(point);
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]}).to_string()
    };
    for height in SMALL_ORDER {
        let mut point: [u8; 32] = hex::decode(height).expect("hex").try_into().expect("32 bytes");
        for sign in [0x00, 0x80] {
            point[31] |= sign;
            assert!(KeySet::read(key(point).as_bytes()).is_err(), "{height} and {sign:#x}");
        }
    }
}
