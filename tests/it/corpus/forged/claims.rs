//! Claims that are missing, odd, twice, past, or somebody else's.

use quilt_tests::Result;
use quilt_tests::token::now;
use serde_json::{Value, json};

use super::{Forged, Forger, ODD};

impl Forger<'_> {
    pub(super) fn missing_claims(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        for name in ["iss", "aud", "sub", "exp", "tenant", "role_arn"] {
            let mut claims = self.claims(algorithm);
            claims.remove(name);
            let claims = Value::Object(claims).to_string();
            all.push((
                "a claim is missing",
                self.sign(algorithm, &self.header(algorithm).to_string(), &claims)?,
            ));
        }
        Ok(())
    }

    /// Every issuer with every audience and every kind of token, of which two are good.
    pub(super) fn issuers_and_audiences(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let good = self.claims(algorithm);
        let issuers = [
            good["iss"].clone(),
            json!("https://evil.test"),
            json!(format!("{}/", good["iss"].as_str().unwrap_or_default())),
            json!([good["iss"]]),
            json!([good["iss"], "https://evil.test"]),
            json!("local"),
        ];
        let audiences = [
            good["aud"].clone(),
            json!("quilt-other"),
            json!("Quilt-MCP"),
            json!("*"),
            json!([]),
            json!({"0": good["aud"]}),
        ];
        for issuer in &issuers {
            for audience in &audiences {
                for kind in ["at+jwt", "JWT", "id_token"] {
                    if *issuer == good["iss"] && *audience == good["aud"] && kind != "id_token" {
                        continue;
                    }
                    let (mut header, mut claims) = (self.header(algorithm), good.clone());
                    header["typ"] = json!(kind);
                    claims.extend([("iss".into(), issuer.clone()), ("aud".into(), audience.clone())]);
                    let claims = Value::Object(claims).to_string();
                    let token = self.sign(algorithm, &header.to_string(), &claims)?;
                    all.push(("of another kind, for somebody else, or from somebody else", token));
                }
            }
        }
        Ok(())
    }

    pub(super) fn times(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let day = 24 * 3600;
        for changes in [
            json!({"exp": now() - 31}),
            json!({"exp": now() - 3600}),
            json!({"exp": 0}),
            json!({"nbf": now() + 120}),
            json!({"nbf": now() + 3600}),
            json!({"iat": now() + 120}),
            json!({"exp": now() + 2 * day}),
            json!({"exp": now() + 60, "iat": now() - 2 * day}),
            json!({"exp": 1_000_000_000_000_000_000_u64}),
            json!({"exp": u64::MAX}),
            json!({"exp": now() * 1000}),
        ] {
            all.push(("at the wrong time", self.with_claims(algorithm, &changes)?));
        }
        Ok(())
    }

    pub(super) fn claim_types(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        for name in ["iss", "aud", "sub", "exp", "nbf", "iat", "tenant", "role_arn", "session_tags"] {
            for odd in ODD {
                let mut claims = self.claims(algorithm);
                claims.remove(name);
                let rest = Value::Object(claims).to_string();
                let claims = format!(r#"{},"{name}":{odd}}}"#, &rest[..rest.len() - 1]);
                let token = self.sign(algorithm, &self.header(algorithm).to_string(), &claims)?;
                all.push(("a claim of another type (CVE-2026-25537)", token));
            }
        }
        Ok(())
    }

    pub(super) fn duplicates(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let claims = Value::Object(self.claims(algorithm)).to_string();
        let header = self.header(algorithm).to_string();
        for members in [
            r#""tenant":"zeta""#,
            r#""t\u0065nant":"zeta""#,
            r#""sub":"somebody-else""#,
            r#""exp":9999999999"#,
            r#""role_arn":"arn:aws:iam::123456789012:role/admin""#,
            r#""unknown":1,"unknown":1"#,
            r#""session_tags":{"team":"blue","team":"red"}"#,
        ] {
            let twice = format!("{},{members}}}", &claims[..claims.len() - 1]);
            all.push(("a claim is there twice", self.sign(algorithm, &header, &twice)?));
        }
        for members in [r#""alg":"none""#, r#""kid":"a","kid":"b""#, r#""x":1,"x":2"#] {
            let twice = format!("{},{members}}}", &header[..header.len() - 1]);
            all.push(("a header member is there twice", self.sign(algorithm, &twice, &claims)?));
        }
        Ok(())
    }

    pub(super) fn identifiers_and_roles(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        for odd in [
            "a b",
            "a/b",
            "../acme",
            "a\u{0}b",
            "ac\u{200b}me",
            "\u{430}cme",
            "a\nb",
            "*",
            "a;b",
            &"x".repeat(129),
        ] {
            all.push(("a subject that is none", self.with_claims(algorithm, &json!({ "sub": odd }))?));
            all.push(("a tenant that is none", self.with_claims(algorithm, &json!({ "tenant": odd }))?));
        }
        for tenant in ["Acme", "acm", "acme2", &self.ben.tenant, "elsewhere"] {
            all.push(("somebody else's tenant", self.with_claims(algorithm, &json!({ "tenant": tenant }))?));
        }
        for role in [
            self.ben.role_arn.as_str(),
            "*",
            "",
            "arn:aws:iam::123456789012:role/admin",
            "arn:aws:iam::123456789012:user/x",
        ] {
            all.push((
                "a role that is not the tenant's",
                self.with_claims(algorithm, &json!({ "role_arn": role }))?,
            ));
        }
        for tags in
            [json!({"aws:x": "y"}), json!({"a": "b\n"}), json!({"Team": "a", "team": "b"}), json!({"": "x"})]
        {
            all.push((
                "session tags that AWS has none of",
                self.with_claims(algorithm, &json!({ "session_tags": tags }))?,
            ));
        }
        Ok(())
    }
}
