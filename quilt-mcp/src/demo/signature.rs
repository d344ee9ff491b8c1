//! The signature check (AWS Signature Version 4, in headers) for IAM: the crate that checks the others knows S3 and STS
//! only.

use hmac::{Hmac, Mac as _};
use http::header::AUTHORIZATION;
use http::request::Parts;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use time::format_description::well_known::Iso8601;
use time::{Duration, OffsetDateTime};

use super::access::session_token;
use super::keys::{Caller, KeyRing, Refusal};
use super::sts::Fault;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far the clocks of the two sides may be apart.
const MAX_SKEW: Duration = Duration::minutes(15);
/// Without these a request could be replayed elsewhere, or at another time.
const MUST_BE_SIGNED: [&str; 2] = ["host", "x-amz-date"];

const UNSIGNED: Fault = Fault::denied("the request is not signed as IAM wants it");
const MISMATCH: Fault =
    Fault::forbidden("SignatureDoesNotMatch", "the signature does not fit the request and the access key");

/// Who sent a request, if it is signed for `service` with a key of the ring.
pub(super) fn verify(parts: &Parts, body: &[u8], service: &str, keys: &KeyRing) -> Result<Caller, Fault> {
    let signed = Signed::read(parts).ok_or(UNSIGNED)?;
    let [access_key, date, region, in_scope, "aws4_request"] = signed.credential[..] else {
        return Err(UNSIGNED);
    };
    let at = OffsetDateTime::parse(signed.at, &Iso8601::PARSING).map_err(|_| UNSIGNED)?;
    if in_scope != service || !signed.at.starts_with(&format!("{date}T")) {
        return Err(UNSIGNED);
    }
    if (OffsetDateTime::now_utc() - at).abs() > MAX_SKEW {
        return Err(Fault::forbidden(
            "SignatureDoesNotMatch",
            "the request was signed too long ago, or later",
        ));
    }
    let request = canonical(parts, &signed.headers, body).ok_or(UNSIGNED)?;
    let text = format!(
        "{ALGORITHM}\n{}\n{date}/{region}/{service}/aws4_request\n{}",
        signed.at,
        hex::encode(Sha256::digest(request))
    );

    let secret = keys.secret(access_key).map_err(refused)?;
    let mut key = format!("AWS4{}", secret.expose_secret()).into_bytes();
    for part in [date, region, service, "aws4_request"] {
        key = mac(&key, part).finalize().into_bytes().to_vec();
    }
    mac(&key, &text).verify_slice(&signed.signature).map_err(|_| MISMATCH)?;
    keys.caller(access_key, session_token(&parts.headers, &parts.uri).as_deref()).map_err(refused)
}

/// What a request says about its signature.
struct Signed<'a> {
    credential: Vec<&'a str>,
    headers: Vec<&'a str>,
    signature: Vec<u8>,
    at: &'a str,
}

impl<'a> Signed<'a> {
    fn read(parts: &'a Parts) -> Option<Self> {
        let fields = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix(ALGORITHM)?;
        let field = |name: &str| {
            fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let headers: Vec<_> = field("SignedHeaders")?.split(';').collect();
        MUST_BE_SIGNED.iter().all(|name| headers.contains(name)).then_some(())?;
        Some(Self {
            credential: field("Credential")?.split('/').collect(),
            headers,
            signature: hex::decode(field("Signature")?).ok()?,
            at: parts.headers.get("x-amz-date")?.to_str().ok()?,
        })
    }
}

/// The request as it is signed. IAM is asked at `/` and without a query, so neither needs normalising; `None` for others.
fn canonical(parts: &Parts, signed: &[&str], body: &[u8]) -> Option<String> {
    if parts.uri.path() != "/" || parts.uri.query().is_some() {
        return None;
    }
    let mut headers = String::new();
    for name in signed {
        let values: Option<Vec<_>> =
            parts.headers.get_all(*name).iter().map(|value| value.to_str().ok().map(str::trim)).collect();
        headers.push_str(&format!("{name}:{}\n", values?.join(",")));
    }
    let names = signed.join(";");
    Some(format!("{}\n/\n\n{headers}\n{names}\n{}", parts.method, hex::encode(Sha256::digest(body))))
}

fn mac(key: &[u8], text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac
}

fn refused(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Unknown => Fault::forbidden("InvalidClientTokenId", "this access key does not exist"),
        Refusal::Expired => Fault::forbidden("ExpiredToken", "the session has expired"),
        Refusal::WrongSessionToken => {
            Fault::forbidden("InvalidClientTokenId", "the session token does not belong to this access key")
        }
    }
}
