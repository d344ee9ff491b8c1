//! Token issuers with real keys of every kind, and the place where each publishes them.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64_URL};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};

use crate::Result;
use crate::key_server::KeyServer;
use crate::token::good_claims;
use crate::world::Person;

/// The kinds of keys, each with what it signs.
const KINDS: [(&str, &[&str]); 4] = [
    ("rsa", &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]),
    ("p256", &["ES256"]),
    ("p384", &["ES384"]),
    ("ed25519", &["EdDSA"]),
];

/// Every algorithm that published keys sign with.
pub const ALGORITHMS: [&str; 9] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

/// A pair of keys, and its public half as it is published.
pub struct SigningKey {
    /// The `kid`.
    pub id: String,
    /// A JWK (RFC 7517).
    pub jwk: Value,
    kind: &'static str,
    private: EncodingKey,
}

impl SigningKey {
    /// A fresh one: `rsa`, `p256`, `p384` or `ed25519`.
    ///
    /// # Errors
    /// If the kind is none of these.
    pub fn generate(kind: &str, id: &str) -> Result<Self> {
        let (kind, _) =
            KINDS.iter().find(|(known, _)| *known == kind).ok_or("there is no such kind of key")?;
        let (der, jwk) = match *kind {
            "rsa" => rsa_key()?,
            "p256" => ec_key(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256")?,
            "p384" => ec_key(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384")?,
            _ => ed_key()?,
        };
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines(&der));
        let private = match *kind {
            "rsa" => EncodingKey::from_rsa_pem(pem.as_bytes())?,
            "ed25519" => EncodingKey::from_ed_pem(pem.as_bytes())?,
            _ => EncodingKey::from_ec_pem(pem.as_bytes())?,
        };
        let mut jwk = jwk;
        jwk["kid"] = json!(id);
        jwk["use"] = json!("sig");
        Ok(Self { id: id.into(), jwk, kind, private })
    }

    /// Whether tokens that say `algorithm` can be signed with it.
    pub fn signs(&self, algorithm: &str) -> bool {
        KINDS.iter().any(|(kind, algorithms)| *kind == self.kind && algorithms.contains(&algorithm))
    }

    /// A token of exactly this header and these claims, signed as `algorithm` says, whatever the header says.
    ///
    /// # Errors
    /// If the key cannot sign so.
    pub fn sign(&self, algorithm: &str, header: &str, claims: &str) -> Result<String> {
        let message = format!("{}.{}", BASE64_URL.encode(header), BASE64_URL.encode(claims));
        let algorithm: Algorithm = algorithm.parse()?;
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.private, algorithm)?;
        Ok(format!("{message}.{signature}"))
    }
}

fn lines(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>().join("\n")
}

fn rsa_key() -> Result<(Vec<u8>, Value)> {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048)?;
    let public = pair.public_key();
    let part = |number: &[u8]| BASE64_URL.encode(number);
    let jwk = json!({
        "kty": "RSA",
        "n": part(public.modulus().big_endian_without_leading_zero()),
        "e": part(public.exponent().big_endian_without_leading_zero()),
    });
    Ok((pair.as_der()?.as_ref().to_vec(), jwk))
}

fn ec_key(
    algorithm: &'static aws_lc_rs::signature::EcdsaSigningAlgorithm,
    curve: &str,
) -> Result<(Vec<u8>, Value)> {
    let pair = EcdsaKeyPair::generate(algorithm)?;
    // A point: 4, x, y.
    let point = &pair.public_key().as_ref()[1..];
    let (x, y) = point.split_at(point.len() / 2);
    let jwk = json!({"kty": "EC", "crv": curve, "x": BASE64_URL.encode(x), "y": BASE64_URL.encode(y)});
    Ok((pair.to_pkcs8v1()?.as_ref().to_vec(), jwk))
}

fn ed_key() -> Result<(Vec<u8>, Value)> {
    let pair = Ed25519KeyPair::generate()?;
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64_URL.encode(pair.public_key().as_ref())});
    Ok((pair.to_pkcs8v1()?.as_ref().to_vec(), jwk))
}

/// An issuer that publishes its keys on loopback.
pub struct PublishedIssuer {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// The `aud` of its tokens.
    pub audience: String,
    /// One of each kind.
    pub keys: Vec<SigningKey>,
    /// Where they are.
    pub server: KeyServer,
}

impl PublishedIssuer {
    /// With a fresh key of each kind.
    ///
    /// # Errors
    /// If there is no port for it.
    pub async fn start(issuer: &str, audience: &str) -> Result<Self> {
        let keys = KINDS
            .iter()
            .map(|(kind, _)| SigningKey::generate(kind, &format!("{kind}-1")))
            .collect::<Result<Vec<_>>>()?;
        let server = KeyServer::start().await?;
        let this = Self { issuer: issuer.into(), audience: audience.into(), keys, server };
        this.publish();
        Ok(this)
    }

    /// Publishes what is in [`Self::keys`] now.
    pub fn publish(&self) {
        let keys: Vec<&Value> = self.keys.iter().map(|key| &key.jwk).collect();
        self.server.answers(200, &json!({ "keys": keys }).to_string());
    }

    /// The key that signs so. Panics if there is none: the test is wrong then.
    pub fn key(&self, algorithm: &str) -> &SigningKey {
        self.keys.iter().find(|key| key.signs(algorithm)).expect("a key of each kind")
    }

    /// What a good token says about somebody.
    pub fn claims(&self, person: &Person) -> Map<String, Value> {
        good_claims(&self.issuer, &self.audience, person)
    }

    /// A good token.
    ///
    /// # Errors
    /// If there is no such algorithm.
    pub fn good(&self, algorithm: &str, person: &Person) -> Result<String> {
        self.sign(algorithm, &self.claims(person))
    }

    /// A token of these claims.
    ///
    /// # Errors
    /// If there is no such algorithm.
    pub fn sign(&self, algorithm: &str, claims: &Map<String, Value>) -> Result<String> {
        let key = self.key(algorithm);
        let header = json!({"alg": algorithm, "typ": "at+jwt", "kid": key.id}).to_string();
        key.sign(algorithm, &header, &Value::Object(claims.clone()).to_string())
    }

    /// Its table in the configuration file, with these lines besides.
    pub fn table(&self, lines: &str) -> String {
        format!(
            "[[issuer]]\nissuer = {:?}\naudience = {:?}\njwks_url = {:?}\n{lines}\n",
            self.issuer,
            self.audience,
            self.server.url()
        )
    }
}
