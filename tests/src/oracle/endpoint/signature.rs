//! AWS Signature Version 4 in headers, as the receiving side checks it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign, verify};
use http::request::Parts;

/// What a request claims in its `Authorization` header.
pub(super) struct Signed<'a> {
    /// Who says to have signed.
    pub(super) access_key: &'a str,
    scope: [&'a str; 3],
    names: &'a str,
    signature: &'a str,
}

impl<'a> Signed<'a> {
    /// `None` if it is not signed in this way.
    pub(super) fn read(parts: &'a Parts) -> Option<Self> {
        let header = parts.headers.get("authorization")?.to_str().ok()?;
        let fields = header.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let field = |name: &str| {
            fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let credential: Vec<&str> = field("Credential")?.split('/').collect();
        let [access_key, day, region, service, "aws4_request"] = credential[..] else { return None };
        Some(Self {
            access_key,
            scope: [day, region, service],
            names: field("SignedHeaders")?,
            signature: field("Signature")?,
        })
    }

    /// For which of AWS's services.
    pub(super) fn service(&self) -> &'a str {
        self.scope[2]
    }

    /// Whether the signature is that of `secret`, over this request.
    pub(super) fn fits(&self, parts: &Parts, body: &[u8], secret: &str) -> bool {
        self.check(parts, body, secret).is_some()
    }

    fn check(&self, parts: &Parts, body: &[u8], secret: &str) -> Option<()> {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let mut headers = String::new();
        for name in self.names.split(';') {
            headers.push_str(&format!("{name}:{}\n", header(name)?.trim()));
        }
        let computed = hex::encode(digest(&SHA256, body));
        let payload = header("x-amz-content-sha256").unwrap_or(&computed);
        // Words instead of a digest say that the body is not signed as it is.
        if payload.len() == computed.len() && payload != computed {
            return None;
        }
        let canonical = format!(
            "{}\n{}\n{}\n{headers}\n{}\n{payload}",
            parts.method,
            parts.uri.path(),
            canonical_query(parts.uri.query().unwrap_or_default()),
            self.names,
        );
        let [day, region, service] = self.scope;
        let text = format!(
            "AWS4-HMAC-SHA256\n{}\n{day}/{region}/{service}/aws4_request\n{}",
            header("x-amz-date")?,
            hex::encode(digest(&SHA256, canonical.as_bytes())),
        );
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in [day, region, service, "aws4_request"] {
            key = sign(&Key::new(HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
        }
        let signature = hex::decode(self.signature).ok()?;
        verify(&Key::new(HMAC_SHA256, &key), text.as_bytes(), &signature).ok()
    }
}

/// It is encoded on the wire as it is signed; only the order may differ.
fn canonical_query(query: &str) -> String {
    let with_value = |pair: &str| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") };
    let mut pairs: Vec<String> = query.split('&').filter(|pair| !pair.is_empty()).map(with_value).collect();
    pairs.sort_unstable();
    pairs.join("&")
}
