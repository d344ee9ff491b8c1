//! Whether a registry knows the bearer of a token, found out wrongly: somebody on loopback is asked in its place.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use quilt_mcp::config::{Config, Deployment, KeySource};
use serde_json::Value;
use tokio::net::TcpListener;

const KNOWN: &str = r#"{"data":{"me":{"name":"somebody"}}}"#;

/// Who is asked instead.
struct Instead {
    /// The registry, if it is asked at all.
    registry: Option<String>,
    /// Who was known once, by the `id` in the token and not by the token.
    known: Mutex<HashSet<u64>>,
}

/// The same configuration, but for who is asked: nobody with `unasked`, the registry once for each `id` with `known-by-id`.
pub(crate) async fn asking(mut config: Config, fault: &str) -> Result<Config, Box<dyn std::error::Error>> {
    let Deployment::MultiTenant(trust) = &mut config.deployment else { return Ok(config) };
    for issuer in &mut trust.issuers {
        let KeySource::Registry(registry) = &mut issuer.keys else { continue };
        let asked = match fault {
            "unasked" => None,
            "known-by-id" => Some(registry.as_str().to_owned()),
            _ => continue,
        };
        *registry = serving(Instead { registry: asked, known: Mutex::default() }).await?.parse()?;
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
    let known = || instead.known.lock().unwrap_or_else(PoisonError::into_inner);
    if id.is_some_and(|id| known().contains(&id)) {
        return (StatusCode::OK, KNOWN.to_owned());
    }
    match ask(registry, &headers, body).await {
        Ok((status, said)) => {
            if status == StatusCode::OK && said.contains("\"name\"") {
                known().extend(id);
            }
            (status, said)
        }
        Err(_) => (StatusCode::BAD_GATEWAY, String::new()),
    }
}

fn id(headers: &HeaderMap) -> Option<u64> {
    let claims = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    claims["id"].as_u64()
}

async fn ask(registry: &str, headers: &HeaderMap, body: Bytes) -> reqwest::Result<(StatusCode, String)> {
    let mut request = reqwest::Client::new().post(format!("{registry}/graphql")).body(body);
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE] {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await?;
    Ok((answer.status(), answer.text().await?))
}
