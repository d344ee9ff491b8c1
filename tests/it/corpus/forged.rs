//! The tricks. Each gives tokens that are good but for that one thing.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD as BASE64_URL};
use jsonwebtoken::{Algorithm, EncodingKey};
use quilt_tests::Result;
use quilt_tests::issuer::{ALGORITHMS, PublishedIssuer};
use quilt_tests::token::{TokenMint, now};
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

    fn unsigned(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let good = self.good(algorithm)?;
        let signature = good.rsplit('.').next().unwrap_or_default();
        for none in ["none", "None", "NONE", "nOnE", "noNe", "", "null"] {
            let mut header = self.header(algorithm);
            header["alg"] = json!(none);
            let message = format!(
                "{}.{}",
                BASE64_URL.encode(header.to_string()),
                BASE64_URL.encode(Value::Object(self.claims(algorithm)).to_string())
            );
            for signature in ["", "AA", "bnVsbA", signature] {
                all.push((
                    "alg none, and null signatures (CVE-2020-28042)",
                    format!("{message}.{signature}"),
                ));
            }
        }
        let (message, _) = good.rsplit_once('.').ok_or("a token has dots")?;
        for signature in ["", "AA", "AAAA", &"A".repeat(342), &"A".repeat(86)] {
            all.push(("a signature of nothing (CVE-2022-21449)", format!("{message}.{signature}")));
        }
        Ok(())
    }

    fn other_algorithm(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
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

    fn header_members(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
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

    fn types(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        for typ in
            ["", "dpop+jwt", "id_token", "logout+jwt", "secevent+jwt", "JOSE", "JWT ", "at+jwt;x", "jwt+at"]
        {
            all.push(("another kind of token", self.with_header(algorithm, "typ", json!(typ))?));
        }
        Ok(())
    }

    fn missing_claims(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
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

    fn issuers_and_audiences(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
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
                if *issuer != good["iss"] || *audience != good["aud"] {
                    let token = self.with_claims(algorithm, &json!({"iss": issuer, "aud": audience}))?;
                    all.push(("for somebody else, or from somebody else", token));
                }
            }
        }
        Ok(())
    }

    fn times(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
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

    fn shapes(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let good = self.good(algorithm)?;
        let parts: Vec<&str> = good.split('.').collect();
        let [header, claims, signature] = parts[..] else { return Err("a token has three parts".into()) };
        let bytes = BASE64_URL.decode(signature)?;
        for shape in [
            format!("{header}.{claims}"),
            format!("{header}.{claims}."),
            format!(".{claims}.{signature}"),
            format!("{header}..{signature}"),
            format!("{good}."),
            format!(".{good}"),
            format!("{good}.{signature}"),
            format!("{header}.{claims}.{}", BASE64_URL_SAFE.encode(&bytes) + "="),
            format!("{header}.{claims}.{}", BASE64_STANDARD.encode(&bytes) + "="),
            format!("{header}=.{claims}.{signature}"),
            format!("{header}.{claims}.{signature}AA"),
            format!("{header}.{claims}.{signature}%3D"),
            format!("{header}.{claims} .{signature}"),
            format!("{good},{good}"),
            format!("{good} {good}"),
            format!("\"{good}\""),
            format!("{header}.{claims}.{}", &signature[..signature.len() / 2]),
            format!("{claims}.{header}.{signature}"),
            format!("\u{feff}{good}"),
        ] {
            all.push(("another shape", shape));
        }
        Ok(())
    }

    fn flipped(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let good = self.good(algorithm)?;
        for step in 1..16 {
            let at = good.len() * step / 16;
            let mut flipped = good.clone().into_bytes();
            flipped[at] = match flipped[at] {
                b'.' => b'_',
                b'A' => b'B',
                _ => b'A',
            };
            if flipped != good.as_bytes() {
                all.push(("a character is another", String::from_utf8(flipped)?));
            }
        }
        Ok(())
    }

    fn claim_types(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
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

    fn duplicates(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
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

    fn identifiers_and_roles(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
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

    fn key_names(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
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

    fn other_issuers(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
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

    fn public_keys_as_secrets(&self, all: &mut Forged) -> Result<()> {
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

    fn guessed_secrets(&self, all: &mut Forged) -> Result<()> {
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
