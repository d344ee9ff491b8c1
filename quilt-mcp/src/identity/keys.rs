//! An issuer's published keys (RFC 7517), each judged before a token may be checked with it.
//!
//! A key that breaks a rule is left out, and the rest is used: one odd entry must not lock everybody out. Two keys of
//! one name are both left out, since which of them is meant is anybody's guess.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

use super::token::valid_key_id;
use crate::config::SigningAlgorithm;

/// How many entries of a set are looked at.
const MAX_KEYS: usize = 100;
/// The lengths of an RSA modulus, in bits. A longer one costs more than a signature is worth.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The smallest exponent of an RSA key.
const MIN_EXPONENT: u64 = 65_537;

/// The points of Ed25519 of order 1, 2, 4 and 8 by their height, the two that have a second spelling in both.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// The keys of one issuer, by their `kid`.
#[derive(Default)]
pub(super) struct KeySet(BTreeMap<String, PublicKey>);

/// A key to check signatures with, and what it may check.
pub(super) struct PublicKey {
    pub(super) key: DecodingKey,
    kind: Kind,
    /// What the issuer says that it signs with it.
    only: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

/// Why nothing of a document can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoKeys {
    /// It is no JSON object with a list `keys`.
    NotASet,
    /// There are more than [`MAX_KEYS`].
    TooMany,
    /// None of its keys is good.
    NoneIsGood,
}

impl fmt::Display for NoKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotASet => "it is no JWK Set",
            Self::TooMany => "it has too many keys",
            Self::NoneIsGood => "none of its keys can be used",
        })
    }
}

impl KeySet {
    /// The good keys of a JWK Set.
    ///
    /// # Errors
    ///
    /// There are none.
    pub(super) fn read(json: &[u8]) -> Result<Self, NoKeys> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let Document { keys } = serde_json::from_slice(json).map_err(|_| NoKeys::NotASet)?;
        if keys.len() > MAX_KEYS {
            return Err(NoKeys::TooMany);
        }
        let mut good = BTreeMap::new();
        let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
        for entry in keys {
            if let Some(kid) = entry["kid"].as_str()
                && !seen.insert(kid.to_owned())
            {
                twice.insert(kid.to_owned());
            }
            match serde_json::from_value::<Jwk>(entry)
                .map_err(|_| "it has not the members of a key")
                .and_then(Jwk::judge)
            {
                Ok((kid, key)) => drop(good.insert(kid, key)),
                Err(why) => tracing::debug!(why, "left out a published key"),
            }
        }
        good.retain(|kid, _| !twice.contains(kid));
        if good.is_empty() { Err(NoKeys::NoneIsGood) } else { Ok(Self(good)) }
    }

    /// The key of that name, if it may check this algorithm.
    pub(super) fn get(&self, kid: &str) -> Option<&PublicKey> {
        self.0.get(kid)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl PublicKey {
    /// Whether tokens that say `algorithm` may be checked with it.
    pub(super) fn signs(&self, algorithm: SigningAlgorithm) -> bool {
        use SigningAlgorithm as A;
        let fits = match self.kind {
            Kind::Rsa => matches!(algorithm, A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512),
            Kind::P256 => algorithm == A::Es256,
            Kind::P384 => algorithm == A::Es384,
            Kind::Ed25519 => algorithm == A::EdDsa,
        };
        fits && self.only.as_ref().is_none_or(|only| only == algorithm.name())
    }
}

/// A key as published. A symmetric one has no place here: its type is not among those that are judged.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    alg: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// The private half. Whoever reads it signs.
    d: Option<Value>,
    p: Option<Value>,
    k: Option<Value>,
}

impl Jwk {
    fn judge(self) -> Result<(String, PublicKey), &'static str> {
        if self.d.is_some() || self.p.is_some() || self.k.is_some() {
            return Err("its private half is published too");
        }
        if !valid_key_id(&self.kid) {
            return Err("its name is none that a token may have");
        }
        if self.r#use.as_ref().is_some_and(|purpose| purpose != "sig") {
            return Err("it is not for signatures");
        }
        if self.key_ops.as_ref().is_some_and(|uses| !uses.iter().any(|one| one == "verify")) {
            return Err("it is not to verify with");
        }
        let (kind, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", None) => (Kind::Rsa, rsa(self.n.as_deref(), self.e.as_deref())?),
            ("EC", Some("P-256")) => (Kind::P256, ec(self.x.as_deref(), self.y.as_deref(), 32)?),
            ("EC", Some("P-384")) => (Kind::P384, ec(self.x.as_deref(), self.y.as_deref(), 48)?),
            ("OKP", Some("Ed25519")) => (Kind::Ed25519, ed25519(self.x.as_deref())?),
            _ => return Err("it is of a type or on a curve that is not used here"),
        };
        let key = PublicKey { key, kind, only: self.alg };
        // An algorithm that no such key can sign with makes a key that checks nothing.
        if SigningAlgorithm::ALL.iter().any(|algorithm| key.signs(*algorithm)) {
            Ok((self.kid, key))
        } else {
            Err("it does not fit its own algorithm")
        }
    }
}

fn decode(part: Option<&str>) -> Result<Vec<u8>, &'static str> {
    part.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .ok_or("a part of it is missing, or is no base64url")
}

fn rsa(n: Option<&str>, e: Option<&str>) -> Result<DecodingKey, &'static str> {
    let (n, e) = (decode(n)?, decode(e)?);
    let n = &n[n.iter().take_while(|byte| **byte == 0).count()..];
    let bits = n.len() * 8 - n.first().map_or(0, |byte| byte.leading_zeros() as usize);
    if !RSA_BITS.contains(&bits) {
        return Err("its modulus has not 2048 to 8192 bits");
    }
    if n.last().is_none_or(|byte| byte % 2 == 0) || has_the_roca_fingerprint(n) {
        return Err("its modulus is known to be weak");
    }
    let exponent = e.iter().skip_while(|byte| **byte == 0).copied().collect::<Vec<_>>();
    // Longer exponents are of no use, and make checking slow.
    let mut wide = [0_u8; 8];
    if exponent.len() > 4 {
        return Err("its exponent is too long");
    }
    wide[8 - exponent.len()..].copy_from_slice(&exponent);
    let exponent_value = u64::from_be_bytes(wide);
    if exponent_value < MIN_EXPONENT || exponent_value % 2 == 0 {
        return Err("its exponent is too small");
    }
    Ok(DecodingKey::from_rsa_raw_components(n, &exponent))
}

fn ec(x: Option<&str>, y: Option<&str>, length: usize) -> Result<DecodingKey, &'static str> {
    if decode(x)?.len() != length || decode(y)?.len() != length {
        return Err("its point has not the length of its curve");
    }
    // Whether the point is on the curve is asked at each signature, by the cryptography itself.
    DecodingKey::from_ec_components(x.unwrap_or_default(), y.unwrap_or_default())
        .map_err(|_| "it is no point")
}

fn ed25519(x: Option<&str>) -> Result<DecodingKey, &'static str> {
    let mut point = decode(x)?;
    if point.len() != 32 {
        return Err("its point has not the length of its curve");
    }
    // Which of the two points of this height it is makes no difference.
    point[31] &= 0x7f;
    if SMALL_ORDER.contains(&hex::encode(point).as_str()) {
        return Err("its point is one for which anybody can make signatures");
    }
    DecodingKey::from_ed_components(x.unwrap_or_default()).map_err(|_| "it is no point")
}

/// CVE-2017-15361: moduli of a broken generator are powers of 65537 modulo each of these primes. One of 10^8 others is.
fn has_the_roca_fingerprint(n: &[u8]) -> bool {
    const PRIMES: [u32; 38] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
        103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    PRIMES.iter().all(|prime| {
        let residue = n.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1 % prime;
        (0..*prime).any(|_| {
            let found = power == residue;
            power = power * (65_537 % prime) % prime;
            found
        })
    })
}

#[cfg(test)]
mod tests;
