//! Headers that choose their own algorithm, key or rules.

use quilt_tests::Result;
use quilt_tests::issuer::ALGORITHMS;
use serde_json::{Value, json};

use super::{Forged, Forger, ODD};

impl Forger<'_> {
    pub(super) fn other_algorithm(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let more =
            ["HS256", "HS384", "HS512", "ES512", "ES256K", "Ed448", "A128KW", "dir", "rs256", "HS256 "];
        for said in ALGORITHMS.into_iter().chain(more).filter(|said| *said != algorithm) {
            all.push(("signed otherwise than it says", self.with_header(algorithm, "alg", json!(said))?));
        }
        for odd in ODD {
            let header = self
                .header(algorithm)
                .to_string()
                .replace(&format!("\"alg\":\"{algorithm}\""), &format!("\"alg\":{odd}"));
            let claims = Value::Object(self.claims(algorithm)).to_string();
            all.push(("an alg that is no name", self.sign(algorithm, &header, &claims)?));
        }
        Ok(())
    }

    pub(super) fn header_members(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let own = self.stranger.keys[1].jwk.clone();
        for (name, value) in [
            ("jwk", own),
            ("jwk", json!({"kty": "oct", "k": "AAAA"})),
            ("jwk", Value::Null),
            ("jku", json!(self.stranger.server.url())),
            ("jku", json!(format!("{}@127.0.0.1/", self.issuer.server.url()))),
            ("x5u", json!(self.stranger.server.url())),
            ("x5c", json!(["MIIB"])),
            ("x5c", json!([])),
            ("crit", json!(["b64"])),
            ("crit", json!(["exp"])),
            ("crit", json!([])),
            ("crit", json!(null)),
            ("b64", json!(false)),
            ("zip", json!("DEF")),
            ("enc", json!("A256GCM")),
        ] {
            all.push((
                "a key or rules of its own (CVE-2018-0114)",
                self.with_header(algorithm, name, value)?,
            ));
        }
        Ok(())
    }

    pub(super) fn types(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        for typ in
            ["", "dpop+jwt", "id_token", "logout+jwt", "secevent+jwt", "JOSE", "JWT ", "at+jwt;x", "jwt+at"]
        {
            all.push(("another kind of token", self.with_header(algorithm, "typ", json!(typ))?));
        }
        Ok(())
    }

    pub(super) fn key_names(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let other =
            self.issuer.keys.iter().find(|key| !key.signs(algorithm)).ok_or("keys of several kinds")?;
        let long = "k".repeat(129);
        for kid in [
            "",
            "unknown",
            "../../dev/null",
            "/dev/null",
            "' OR 1=1 --",
            "' UNION SELECT 'key' --",
            "https://evil.test/key",
            "a\u{0}b",
            "cl\u{e9}",
            "$(id)",
            "|id",
            "rsa-1 ",
            "RSA-1",
            "*",
            &long,
            &other.id,
        ] {
            all.push(("a key of another name", self.with_header(algorithm, "kid", json!(kid))?));
        }
        for kid in [json!(null), json!(7), json!([]), json!({})] {
            all.push(("a key's name that is no text", self.with_header(algorithm, "kid", kid)?));
        }
        let header = json!({ "alg": algorithm }).to_string();
        let claims = Value::Object(self.claims(algorithm)).to_string();
        all.push(("no key's name", self.sign(algorithm, &header, &claims)?));
        Ok(())
    }
}
