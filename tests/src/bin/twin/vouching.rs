//! Whether a registry knows the bearer of a token, found out wrongly: somebody on loopback is asked in its place.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use quilt_mcp::config::{Config, Deployment, KeySource};
use reqwest::redirect::Policy;
use serde_json::Value;
use tokio::net::TcpListener;

/// How long the registry may take. Less than the server gives whom it asks.
const PATIENCE: Duration = Duration::from_secs(2);
const KNOWN: &str = r#"{"data":{"me":{"name":"somebody"}}}"#;

/// Who is asked instead.
struct Instead {
    /// The registry, if it is asked at all.
    registry: Option<String>,
    /// Who was known once, by the `id` in the token and not by the token.
    known: Option<Mutex<HashSet<u64>>>,
    /// Whether anybody is known of whom the registry does not say that it does not know them.
    believes_silence: bool,
}

/// The same configuration, but for who is asked: nobody with `unasked`, the registry once for each `id` with `known-by-id`, and
/// with `believes-silence` one whose every failure lets the bearer in.
pub(crate) async fn asking(mut config: Config, fault: &str) -> Result<Config, Box<dyn std::error::Error>> {
    let Deployment::MultiTenant(trust) = &mut config.deployment else { return Ok(config) };
    for issuer in &mut trust.issuers {
        let KeySource::Registry(registry) = &mut issuer.keys else { continue };
        if !["unasked", "known-by-id", "believes-silence"].contains(&fault) {
            continue;
        }
        let instead = Instead {
            registry: (fault != "unasked").then(|| registry.as_str().to_owned()),
            known: (fault == "known-by-id").then(Mutex::default),
            believes_silence: fault == "believes-silence",
        };
        *registry = serving(instead).await?.parse()?;
    }
    Ok(config)
}

async fn serving(instead: Instead) -> Result<String, Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let router = Router::new().route("/graphql", post(answer)).with_state(Arc::new(instead));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(origin)
}

async fn answer(
    State(instead): State<Arc<Instead>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let Some(registry) = &instead.registry else { return (StatusCode::OK, KNOWN.to_owned()) };
    let id = id(&headers);
    let known = || instead.known.as_ref().map(|known| known.lock().unwrap_or_else(PoisonError::into_inner));
    if id.zip(known()).is_some_and(|(id, known)| known.contains(&id)) {
        return (StatusCode::OK, KNOWN.to_owned());
    }
    let (status, said) =
        ask(registry, &headers, body).await.unwrap_or((StatusCode::BAD_GATEWAY, String::new()));
    if instead.believes_silence && ![StatusCode::OK, StatusCode::UNAUTHORIZED].contains(&status) {
        return (StatusCode::OK, KNOWN.to_owned());
    }
    if status == StatusCode::OK
        && said.contains("\"name\"")
        && let Some(mut known) = known()
    {
        known.extend(id);
    }
    (status, said)
}

fn id(headers: &HeaderMap) -> Option<u64> {
    let claims = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    claims["id"].as_u64()
}

async fn ask(registry: &str, headers: &HeaderMap, body: Bytes) -> reqwest::Result<(StatusCode, String)> {
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(PATIENCE).build()?;
    let mut request = client.post(format!("{registry}/graphql")).body(body);
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE] {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await?;
    Ok((answer.status(), answer.text().await?))
}
