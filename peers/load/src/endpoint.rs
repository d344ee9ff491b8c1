//! The other side of the server: an STS, an S3, a place for keys and a registry that answer at once, or never.
//!
//! It checks what it is asked: a tenant's bucket is shown to that tenant's session only. So a server that mixed callers up
//! would fail here and not only be fast.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::serve::ListenerExt as _;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Result;
use crate::package::Package;
use crate::token::Mint;
use crate::wire::Wire;

/// How many objects a listing has.
const OBJECTS: usize = 10;
const MAX_FORM: usize = 64 * 1024;

/// A running endpoint. It ends with the runtime.
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    state: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    keys: Value,
    hung: Mutex<HashSet<String>>,
    /// What a tenant has in its bucket, besides what is listed.
    kept: Mutex<HashMap<String, Arc<Package>>>,
}

impl Endpoint {
    pub(crate) async fn start(keys: Value) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Shared { keys, hung: Mutex::default(), kept: Mutex::default() });
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&state));
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, state })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on the tenant has a package of a large object, which comes over `wire`.
    pub(crate) fn keep(&self, tenant: &str, wire: Option<Wire>) -> Result {
        let package = Package::of(&format!("bucket-of-{tenant}"), wire)?;
        let mut kept = self.state.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(tenant.to_owned(), Arc::new(package));
        Ok(())
    }

    /// From now on the tenant's S3 does not answer; or it does again.
    pub(crate) fn hang(&self, tenant: &str, hangs: bool) {
        let mut hung = self.state.hung.lock().unwrap_or_else(PoisonError::into_inner);
        if hangs {
            hung.insert(tenant.to_owned())
        } else {
            hung.remove(tenant)
        };
    }
}

async fn answer(State(state): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if parts.uri.path() == "/jwks.json" {
        return reply(StatusCode::OK, "application/json", state.keys.to_string());
    }
    if parts.uri.path() == "/api/auth/get_credentials" {
        return credentials(&parts.headers);
    }
    if parts.method == Method::POST && parts.uri.path() == "/" {
        let form = to_bytes(body, MAX_FORM).await.unwrap_or_default();
        return exchange(&String::from_utf8_lossy(&form));
    }
    let path = parts.uri.path().trim_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let bucket = bucket.to_owned();
    let Some(tenant) = bucket.strip_prefix("bucket-of-") else { return refused(&bucket) };
    if !signed_by(&parts.headers, tenant) {
        return refused(&bucket);
    }
    let hangs = state.hung.lock().unwrap_or_else(PoisonError::into_inner).contains(tenant);
    if hangs {
        std::future::pending::<()>().await;
    }
    if !key.is_empty() {
        let kept = state.kept.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned();
        return kept.and_then(|kept| kept.answer(key, &parts.headers)).unwrap_or_else(|| no_such_key(key));
    }
    listing(&bucket, parts.uri.query().unwrap_or_default())
}

/// `AssumeRole`: the session of role `tenant` has a key that names it.
fn exchange(form: &str) -> Response {
    let role = form.split('&').find_map(|pair| pair.strip_prefix("RoleArn="));
    let Some(tenant) = role.and_then(|role| role.rsplit_once("%2F")).map(|(_, name)| name) else {
        return refused("sts");
    };
    reply(
        StatusCode::OK,
        "text/xml",
        format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
             <AccessKeyId>{}</AccessKeyId><SecretAccessKey>made-up</SecretAccessKey><SessionToken>made-up</SessionToken>\
             <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId>\
             <Arn>arn:aws:sts::123456789012:assumed-role/{tenant}/load</Arn></AssumedRoleUser></AssumeRoleResult>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>",
            key_of(tenant)
        ),
    )
}

/// What the registry gives for a token: the same session.
fn credentials(headers: &HeaderMap) -> Response {
    let token =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(tenant) = token.and_then(Mint::tenant_of) else {
        return refused("registry");
    };
    let credentials = json!({
        "AccessKeyId": key_of(&tenant), "SecretAccessKey": "made-up", "SessionToken": "made-up",
        "Expiration": "2099-01-01T00:00:00Z",
    });
    reply(StatusCode::OK, "application/json", credentials.to_string())
}

/// The access key of the tenant's sessions.
pub(crate) fn key_of(tenant: &str) -> String {
    format!("ASIA{:0>16}", tenant.to_ascii_uppercase())
}

fn signed_by(headers: &HeaderMap, tenant: &str) -> bool {
    let signature =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    signature.contains(&format!("Credential={}/", key_of(tenant)))
}

fn listing(bucket: &str, query: &str) -> Response {
    let prefix = query.split('&').find_map(|pair| pair.strip_prefix("prefix=")).unwrap_or_default();
    let prefix = prefix.replace("%2F", "/");
    let mut text = format!(
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{bucket}</Name><Prefix>{prefix}</Prefix>\
         <KeyCount>{OBJECTS}</KeyCount><MaxKeys>100</MaxKeys><IsTruncated>false</IsTruncated>"
    );
    for number in 0..OBJECTS {
        let _ = write!(
            text,
            "<Contents><Key>{prefix}object-{number}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
             <ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag><Size>1024</Size><StorageClass>STANDARD</StorageClass>\
             </Contents>"
        );
    }
    text += "</ListBucketResult>";
    reply(StatusCode::OK, "application/xml", text)
}

fn no_such_key(key: &str) -> Response {
    let text = format!("<Error><Code>NoSuchKey</Code><Message>{key}</Message></Error>");
    reply(StatusCode::NOT_FOUND, "application/xml", text)
}

fn refused(what: &str) -> Response {
    let text = format!("<Error><Code>AccessDenied</Code><Message>{what}</Message></Error>");
    reply(StatusCode::FORBIDDEN, "application/xml", text)
}

fn reply(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}
