//! The keys that an issuer publishes.

use std::sync::Arc;

use axum::body::Bytes;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64_URL;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use quilt_mcp::client::fetch::{Fetch, FetchError, Fetched, Get};
use quilt_mcp::config::Deployment;
use quilt_mcp::identity::{Verifier, usable_keys};
use quilt_scope::BoxFuture;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::{AUDIENCE, ISSUER, ROLE, multi_tenant};
use crate::Result;
use crate::files::{in_memory, private};

/// A signature of the length that the algorithm has, which nobody made.
const SIGNATURES: [(&str, usize); 6] =
    [("RS256", 256), ("PS256", 256), ("RS512", 512), ("ES256", 64), ("ES384", 96), ("EdDSA", 64)];
/// Of how many keys of a set tokens are tried.
const MOST: usize = 3;
const NOW: u64 = 1_800_000_000;

/// A server whose issuer publishes what it is told to.
pub struct KeysDoor {
    runtime: Runtime,
    configuration: String,
}

/// Answers every request with this.
struct Published(Vec<u8>);

impl Fetch for Published {
    fn get<'a>(&'a self, get: Get<'a>) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        let body = self.0[..self.0.len().min(get.most_bytes)].to_vec().into();
        Box::pin(async move {
            Ok(Fetched { status: 200, body, max_age: None, retry_after: None, location: None, cookie: None })
        })
    }

    fn post<'a>(&'a self, _: Get<'a>, _: Bytes) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        Box::pin(async { Err(FetchError::new("keys are got, and nothing is posted to whom publishes them")) })
    }
}

impl KeysDoor {
    /// Ready to be tried.
    ///
    /// # Errors
    /// If there is no runtime, or the server refuses the configuration.
    pub fn open() -> Result<Self> {
        let text = format!(
            "[[issuer]]\nissuer = {ISSUER:?}\naudience = {AUDIENCE:?}\njwks_url = \"https://idp.example.com/keys\"\n\
             allowed_roles = [{:?}]\n",
            super::ALLOWED_ROLES
        );
        let this = Self { runtime: Builder::new_current_thread().enable_all().build()?, configuration: text };
        this.verifier(b"{}")?;
        Ok(this)
    }

    /// Publishes these bytes, and shows tokens that nobody signed and that name the keys among them.
    ///
    /// # Panics
    /// If more keys are taken than there are, a symmetric or a private one is, or a token is accepted.
    pub fn knock(&self, bytes: &[u8]) {
        let Ok(count) = usable_keys(bytes) else { return };
        let set: Value = serde_json::from_slice(bytes).expect("keys that are taken stand in JSON");
        let keys = set["keys"].as_array().expect("keys that are taken are a list");
        let secret =
            |key: &&Value| key["kty"] == "oct" || ["d", "p", "k"].iter().any(|part| !key[part].is_null());
        let good = keys.iter().filter(|key| !secret(key)).count();
        assert!(count <= good, "{count} of {good} are taken: {set}");

        let names = keys.iter().filter_map(|key| key["kid"].as_str()).take(MOST);
        let names: Vec<String> = names.map(String::from).collect();
        self.runtime.block_on(async {
            let verifier = self.verifier(bytes).expect("it is a good configuration");
            for kid in names {
                for (algorithm, length) in SIGNATURES {
                    for byte in [0x00, 0x01, 0xff] {
                        let token = unsigned(algorithm, &kid, &vec![byte; length]);
                        let Ok(value) = HeaderValue::from_str(&token) else { continue };
                        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
                        let judged = verifier.authenticate_at(&headers, NOW).await;
                        assert!(judged.is_err(), "{algorithm} with {byte:#x}, by {kid:?} of {set}");
                    }
                }
            }
        });
    }

    fn verifier(&self, published: &[u8]) -> Result<Verifier> {
        let files = in_memory()?;
        let file = private(files.path(), "config.toml", self.configuration.as_bytes())?;
        let file = file.to_str().ok_or("a temporary name is text")?;
        let config = multi_tenant(&[("QUILT_MCP_CONFIG", file)])?;
        let Deployment::MultiTenant(trust) = config.deployment else { return Err("it is for many".into()) };
        let fetch: Arc<dyn Fetch> = Arc::new(Published(published.to_vec()));
        let _inside = self.runtime.enter();
        Ok(Verifier::new(trust, &fetch))
    }
}

fn unsigned(algorithm: &str, kid: &str, signature: &[u8]) -> String {
    let header = json!({"alg": algorithm, "kid": kid});
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "tenant": "acme", "role_arn": ROLE, "exp": NOW + 600,
    });
    let encode = |part: &[u8]| BASE64_URL.encode(part);
    let (header, claims) = (encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    format!("Bearer {header}.{claims}.{}", encode(signature))
}
