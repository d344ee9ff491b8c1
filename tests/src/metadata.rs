//! The metadata services from which AWS gives a machine or a container its credentials.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, put};
use serde_json::json;
use tokio::net::TcpListener;

use crate::Result;
use crate::substrate::Session;

/// What an instance's service gives out before anything else, and wants to see with each question.
const TOKEN: &str = "token-of-the-metadata-service";
const ROLE: &str = "role-of-the-instance";

/// Both services at one address of loopback: a container's, and an instance's in its second version. It ends with the
/// test's runtime.
pub struct MetadataService {
    origin: String,
}

impl MetadataService {
    /// Gives `session` to whoever asks.
    ///
    /// # Errors
    /// If there is no port for it.
    pub async fn giving(session: Session) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let service = Router::new()
            .route("/container", get(of_container))
            .route("/latest/api/token", put(token))
            .route("/latest/meta-data/iam/{kind}/", get(role))
            .route("/latest/meta-data/iam/{kind}/{role}", get(of_instance))
            .with_state(session);
        tokio::spawn(async move { axum::serve(listener, service).await });
        Ok(Self { origin })
    }

    /// The value of `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    pub fn container(&self) -> String {
        format!("{}/container", self.origin)
    }

    /// The value of `AWS_EC2_METADATA_SERVICE_ENDPOINT`.
    pub fn instance(&self) -> &str {
        &self.origin
    }
}

async fn of_container(State(session): State<Session>) -> String {
    document(&session)
}

async fn token(headers: HeaderMap) -> (StatusCode, [(&'static str, String); 1], &'static str) {
    const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
    match headers.get(TTL).and_then(|seconds| seconds.to_str().ok()) {
        Some(seconds) => (StatusCode::OK, [(TTL, seconds.to_owned())], TOKEN),
        None => (StatusCode::BAD_REQUEST, [(TTL, "0".to_owned())], ""),
    }
}

async fn role(headers: HeaderMap, Path(kind): Path<String>) -> Result<&'static str, StatusCode> {
    allowed(&headers, &kind).map(|()| ROLE)
}

async fn of_instance(
    State(session): State<Session>,
    headers: HeaderMap,
    Path((kind, role)): Path<(String, String)>,
) -> Result<String, StatusCode> {
    allowed(&headers, &kind)?;
    if role == ROLE { Ok(document(&session)) } else { Err(StatusCode::NOT_FOUND) }
}

/// As instances do: nothing without the token, and no address that is not there.
fn allowed(headers: &HeaderMap, kind: &str) -> Result<(), StatusCode> {
    if headers.get("x-aws-ec2-metadata-token").is_none_or(|token| token != TOKEN) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    if kind == "security-credentials" { Ok(()) } else { Err(StatusCode::NOT_FOUND) }
}

fn document(session: &Session) -> String {
    let document = json!({
        "Code": "Success",
        "Type": "AWS-HMAC",
        "LastUpdated": "2026-01-01T00:00:00Z",
        "AccessKeyId": session.key.access_key_id,
        "SecretAccessKey": session.key.secret_access_key,
        "Token": session.token,
        "Expiration": "2100-01-01T00:00:00Z",
    });
    document.to_string()
}
