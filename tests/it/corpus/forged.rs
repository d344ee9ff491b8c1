//! The tricks. Each gives tokens that are good but for that one thing.

mod catalog;
mod claims;
mod headers;
mod keys;
mod shapes;

use quilt_tests::Result;
use quilt_tests::issuer::{ALGORITHMS, PublishedIssuer};
use quilt_tests::token::TokenMint;
use quilt_tests::world::Person;
use serde_json::{Map, Value, json};

/// Types that no claim has, or that are not what they look like.
const ODD: [&str; 14] = [
    "null",
    "true",
    "-1",
    "1.5",
    "1e400",
    "1e3",
    "[]",
    "[[]]",
    r#"{"a":1}"#,
    r#""""#,
    "[1]",
    "[null]",
    "18446744073709551616",
    "99999999999999999999999999",
];

pub(super) struct Forger<'a> {
    pub(super) issuer: &'a PublishedIssuer,
    /// Trusted too, for other tenants.
    pub(super) other: &'a PublishedIssuer,
    /// Says that it is `issuer`.
    pub(super) stranger: &'a PublishedIssuer,
    pub(super) mint: &'a TokenMint,
    /// Of a stock catalog, whose tokens have no `iss`.
    pub(super) catalog: &'a TokenMint,
    pub(super) ada: &'a Person,
    pub(super) ben: &'a Person,
}

type Forged = Vec<(&'static str, String)>;

impl Forger<'_> {
    pub(super) fn all(&self) -> Result<Forged> {
        let mut all = Vec::new();
        for algorithm in ALGORITHMS.into_iter().chain(["HS256"]) {
            self.unsigned(algorithm, &mut all)?;
            self.other_algorithm(algorithm, &mut all)?;
            self.header_members(algorithm, &mut all)?;
            self.types(algorithm, &mut all)?;
            self.missing_claims(algorithm, &mut all)?;
            self.issuers_and_audiences(algorithm, &mut all)?;
            self.times(algorithm, &mut all)?;
            self.shapes(algorithm, &mut all)?;
            self.flipped(algorithm, &mut all)?;
        }
        for algorithm in ["HS256", "ES256"] {
            self.claim_types(algorithm, &mut all)?;
            self.duplicates(algorithm, &mut all)?;
            self.identifiers_and_roles(algorithm, &mut all)?;
        }
        for algorithm in ALGORITHMS {
            self.key_names(algorithm, &mut all)?;
            self.other_issuers(algorithm, &mut all)?;
        }
        self.of_the_catalog(&mut all)?;
        self.public_keys_as_secrets(&mut all)?;
        self.guessed_secrets(&mut all)?;
        Ok(all)
    }

    fn claims(&self, algorithm: &str) -> Map<String, Value> {
        if algorithm == "HS256" {
            self.mint.claims(self.ada).into_object()
        } else {
            self.issuer.claims(self.ada)
        }
    }

    fn header(&self, algorithm: &str) -> Value {
        let mut header = json!({"alg": algorithm, "typ": "at+jwt"});
        if algorithm != "HS256" {
            header["kid"] = json!(self.issuer.key(algorithm).id);
        }
        header
    }

    fn sign(&self, algorithm: &str, header: &str, claims: &str) -> Result<String> {
        if algorithm == "HS256" {
            self.mint.sign(header, claims)
        } else {
            self.issuer.key(algorithm).sign(algorithm, header, claims)
        }
    }

    fn with_claims(&self, algorithm: &str, changes: &Value) -> Result<String> {
        let mut claims = self.claims(algorithm);
        for (name, value) in changes.as_object().ok_or("changes are an object")? {
            claims.insert(name.clone(), value.clone());
        }
        self.sign(algorithm, &self.header(algorithm).to_string(), &Value::Object(claims).to_string())
    }

    fn with_header(&self, algorithm: &str, name: &str, value: Value) -> Result<String> {
        let mut header = self.header(algorithm);
        header[name] = value;
        self.sign(algorithm, &header.to_string(), &Value::Object(self.claims(algorithm)).to_string())
    }

    fn good(&self, algorithm: &str) -> Result<String> {
        self.with_claims(algorithm, &json!({}))
    }
}
