//! Signatures by somebody else.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64_URL};
use jsonwebtoken::{Algorithm, EncodingKey};
use quilt_tests::Result;
use serde_json::{Value, json};

use super::{Forged, Forger};

impl Forger<'_> {
    pub(super) fn other_issuers(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let claims = self.claims(algorithm);
        all.push((
            "signed by a stranger with a key of the same name",
            self.stranger.sign(algorithm, &claims)?,
        ));
        all.push(("signed by another issuer that is trusted", self.other.sign(algorithm, &claims)?));
        let mut poached = claims.clone();
        poached.insert("iss".into(), json!(self.other.issuer));
        all.push(("in the name of another issuer", self.issuer.sign(algorithm, &poached)?));
        poached.insert("aud".into(), json!(self.other.audience));
        all.push((
            "another issuer vouches for a tenant that is not its own",
            self.other.sign(algorithm, &poached)?,
        ));
        poached.insert("iss".into(), json!(self.mint.issuer));
        all.push(("in the name of the issuer with a secret", self.issuer.sign(algorithm, &poached)?));
        Ok(())
    }

    pub(super) fn public_keys_as_secrets(&self, all: &mut Forged) -> Result<()> {
        for key in &self.issuer.keys {
            let text = key.jwk["n"].as_str().or(key.jwk["x"].as_str()).ok_or("a key has parts")?;
            let raw = BASE64_URL.decode(text)?;
            let pem = format!(
                "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
                BASE64_STANDARD.encode(&raw)
            );
            let claims = Value::Object(self.issuer.claims(self.ada)).to_string();
            for secret in [
                text.as_bytes(),
                &raw,
                pem.as_bytes(),
                key.jwk.to_string().as_bytes(),
                pem.trim_end().as_bytes(),
            ] {
                for said in ["HS256", "RS256", "ES256"] {
                    let header = json!({"alg": said, "kid": key.id}).to_string();
                    all.push((
                        "a public key used as a secret (CVE-2016-5431)",
                        hmac(secret, &header, &claims)?,
                    ));
                }
            }
        }
        Ok(())
    }

    pub(super) fn guessed_secrets(&self, all: &mut Forged) -> Result<()> {
        let claims = Value::Object(self.mint.claims(self.ada).into_object()).to_string();
        let half = &self.mint.secret()[..32];
        for secret in [
            "",
            " ",
            "secret",
            "Secret",
            "password",
            "changeme",
            "your-256-bit-secret",
            "your_jwt_secret",
            "jwt",
            "key",
            "test",
            "null",
            "undefined",
            "admin",
            "default",
            "s3cr3t",
            "supersecret",
            "qwerty",
            "123456",
            "token",
            "quilt",
            "quilt-mcp",
            &self.mint.issuer,
            &self.mint.audience,
            half,
            "\0",
            "0",
            "[object Object]",
        ] {
            all.push((
                "a guessed or blank secret (CVE-2019-20933)",
                hmac(secret.as_bytes(), r#"{"alg":"HS256"}"#, &claims)?,
            ));
        }
        Ok(())
    }
}

fn hmac(secret: &[u8], header: &str, claims: &str) -> Result<String> {
    let message = format!("{}.{}", BASE64_URL.encode(header), BASE64_URL.encode(claims));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_secret(secret), Algorithm::HS256)?;
    Ok(format!("{message}.{signature}"))
}
