//! Tokens of a stock Quilt catalog that are good but for one thing, and those that would pass for one.

use quilt_tests::Result;
use quilt_tests::token::now;
use serde_json::{Value, json};

use super::{Forged, Forger, ODD};

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

impl Forger<'_> {
    pub(super) fn of_the_catalog(&self, all: &mut Forged) -> Result<()> {
        let good = json!({"id": 7, "uuid": "6f9c1e0e-6c1e-4b7a-9d59-3f2a1b0c4d5e", "exp": now() + 600});
        let text = good.to_string();
        all.push(("a catalog's claims with another's secret", self.mint.sign(HEADER, &text)?));
        all.push(("another's claims with a catalog's secret", self.catalog.sign(HEADER, &self.named()?)?));
        for algorithm in ["none", "None", "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256", ""] {
            let header = json!({"alg": algorithm, "typ": "JWT"}).to_string();
            all.push(("a catalog's token of another algorithm", self.catalog.sign(&header, &text)?));
        }
        for (name, value) in [
            ("crit", json!(["b64"])),
            ("b64", json!(false)),
            ("jwk", json!({"kty": "oct", "k": "AAAA"})),
            ("jku", json!("https://evil.test/jwks")),
            ("kid", json!("../../dev/null")),
            ("zip", json!("DEF")),
        ] {
            let mut header = json!({"alg": "HS256", "typ": "JWT"});
            header[name] = value;
            all.push((
                "a catalog's token with its own rules",
                self.catalog.sign(&header.to_string(), &text)?,
            ));
        }
        for name in ["id", "uuid", "exp"] {
            let rest = without(&good, name);
            all.push(("a catalog's token without a claim", self.catalog.sign(HEADER, &rest)?));
            for odd in ODD {
                // Every claim is there once, and one is odd.
                let claims = format!("{},\"{name}\":{odd}}}", &rest[..rest.len() - 1]);
                all.push(("a catalog's claim of another type", self.catalog.sign(HEADER, &claims)?));
            }
            let twice = format!("{},\"{name}\":{}}}", &text[..text.len() - 1], good[name]);
            all.push(("a catalog's claim twice", self.catalog.sign(HEADER, &twice)?));
        }
        for (name, value) in [
            ("iss", json!(self.issuer.issuer)),
            ("iss", json!(null)),
            ("aud", json!(self.issuer.audience)),
            ("sub", json!(self.ben.subject)),
            ("tenant", json!(self.ben.tenant)),
            ("role_arn", json!(self.ben.role_arn)),
            ("scope", json!("quilt:admin")),
            ("id", json!("7")),
            ("id", json!("a:b")),
            ("id", json!("a\nb")),
            ("uuid", json!("a:b")),
            ("uuid", json!("a\nb")),
            ("exp", json!(now() - 31)),
            ("exp", json!(now() + 2 * 24 * 3600)),
            ("nbf", json!(now() + 120)),
        ] {
            let mut claims = good.clone();
            claims[name] = value;
            all.push(("a catalog's token that says more", self.catalog.sign(HEADER, &claims.to_string())?));
        }
        Ok(())
    }

    /// Good claims of somebody else's tokens.
    fn named(&self) -> Result<String> {
        Ok(Value::Object(self.mint.claims(self.ada).into_object()).to_string())
    }
}

fn without(claims: &Value, name: &str) -> String {
    let mut claims = claims.clone();
    if let Some(claims) = claims.as_object_mut() {
        claims.remove(name);
    }
    claims.to_string()
}
