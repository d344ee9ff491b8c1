//! This server as an OAuth protected resource: its metadata (RFC 9728), and the challenges that lead clients to it.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use url::Url;

use super::ENDPOINT;
use super::answer::{self, Refusal};
use crate::domain::access::Access;

/// Where clients look: for the whole host, and for the endpoint.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// What clients are told of how to obtain a token for this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedResource {
    /// The endpoint as clients know it, such as `https://mcp.example.com/mcp`.
    pub url: String,
    /// The issuers that clients can ask: at least one.
    pub authorization_servers: Vec<String>,
    /// Whether tokens need scopes of this server.
    pub scopes: bool,
}

/// The same, written out once.
#[derive(Debug)]
pub(super) struct Challenges {
    /// `Bearer`, and where the metadata is if there is any.
    unauthenticated: HeaderValue,
    metadata_url: Option<String>,
}

impl Challenges {
    pub(super) fn new(resource: Option<&ProtectedResource>) -> Self {
        let metadata_url = resource.and_then(|resource| metadata_url(&resource.url));
        let scope = resource.is_some_and(|resource| resource.scopes).then(|| Access::Read.scope());
        Self { unauthenticated: challenge(metadata_url.as_deref(), None, scope), metadata_url }
    }

    /// Always the same, so that it says nothing about why.
    pub(super) fn unauthenticated(&self) -> Refusal {
        answer::unauthenticated(self.unauthenticated.clone())
    }

    /// The token is good, and not good for this.
    pub(super) fn insufficient_scope(&self, needed: Access) -> Refusal {
        let challenge =
            challenge(self.metadata_url.as_deref(), Some("insufficient_scope"), Some(needed.scope()));
        answer::insufficient_scope(needed, challenge)
    }
}

/// The metadata document, for everybody.
pub(super) fn routes(resource: Option<&ProtectedResource>) -> Router {
    let Some(resource) = resource else { return Router::new() };
    let mut document = json!({
        "resource": resource.url,
        "authorization_servers": resource.authorization_servers,
        "bearer_methods_supported": ["header"],
        "resource_name": "quilt-mcp",
    });
    if resource.scopes {
        document["scopes_supported"] = Access::ALL.map(Access::scope).to_vec().into();
    }
    let document = document.to_string();
    let answer = move || {
        let document = document.clone();
        async move {
            let mut response = Response::new(Body::from(document));
            *response.status_mut() = StatusCode::OK;
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
            response
        }
    };
    Router::new()
        .route(WELL_KNOWN, get(answer.clone()))
        .route(&format!("{WELL_KNOWN}{ENDPOINT}"), get(answer))
}

/// RFC 9728, section 3.1: the well-known part goes between host and path.
fn metadata_url(resource: &str) -> Option<String> {
    let mut url = Url::parse(resource).ok()?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{WELL_KNOWN}{path}"));
    url.set_query(None);
    Some(url.into())
}

/// None of the values holds a quote: they are ours, or come out of a URL parser, which escapes it.
fn challenge(metadata_url: Option<&str>, error: Option<&str>, scope: Option<&str>) -> HeaderValue {
    let parameters: Vec<String> = [("error", error), ("scope", scope), ("resource_metadata", metadata_url)]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}=\"{}\"", value?)))
        .collect();
    let text = format!("Bearer {}", parameters.join(", "));
    HeaderValue::from_str(text.trim_end()).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(scopes: bool) -> ProtectedResource {
        ProtectedResource {
            url: "https://mcp.example.com/mcp".into(),
            authorization_servers: vec!["https://idp.example.com".into()],
            scopes,
        }
    }

    fn header(refusal: &Refusal) -> &str {
        refusal.headers()[header::WWW_AUTHENTICATE].to_str().expect("ASCII")
    }

    #[test]
    fn challenges_lead_to_the_metadata() {
        let challenges = Challenges::new(Some(&resource(false)));
        let url = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
        assert_eq!(header(&challenges.unauthenticated()), format!("Bearer resource_metadata=\"{url}\""));
        let scoped = Challenges::new(Some(&resource(true)));
        assert_eq!(
            header(&scoped.unauthenticated()),
            format!("Bearer scope=\"quilt:read\", resource_metadata=\"{url}\"")
        );
        assert_eq!(
            header(&scoped.insufficient_scope(Access::Write)),
            format!(
                "Bearer error=\"insufficient_scope\", scope=\"quilt:write\", resource_metadata=\"{url}\""
            )
        );
    }

    #[test]
    fn without_an_issuer_to_ask_a_challenge_is_plain() {
        assert_eq!(header(&Challenges::new(None).unauthenticated()), "Bearer");
    }

    #[test]
    fn a_quote_in_a_url_does_not_end_the_parameter() {
        let hostile = ProtectedResource { url: "https://a.example/m\"cp".into(), ..resource(false) };
        let shown = Challenges::new(Some(&hostile)).unauthenticated();
        assert_eq!(header(&shown).matches('"').count(), 2, "{}", header(&shown));
    }
}
