//! What is counted.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use axum::body::{Body, to_bytes};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Request};
use jsonwebtoken::{Algorithm, EncodingKey};
use quilt_mcp::client::fetch::HttpFetcher;
use quilt_mcp::client::{AwsEndpoints, CallerCredentials};
use quilt_mcp::domain::object::S3Uri;
use quilt_mcp::domain::principal::Principal;
use quilt_mcp::domain::request::RequestId;
use quilt_mcp::identity::Verifier;
use quilt_mcp::transport::{AuthFailure, Authenticate, Authenticated};
use quilt_tests::Result;
use quilt_tests::in_process::{InProcess, good_token, trust};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tower::ServiceExt as _;

/// Does it once.
pub(crate) type Work = Box<dyn FnMut() -> Result<()>>;
type Prepare = fn() -> Result<Work>;

pub(crate) const CASES: [(&str, Prepare); 6] = [
    ("reference", reference),
    ("call", || call(|sound| sound)),
    ("list", list),
    ("token", token),
    ("link", link),
    // What must be caught: the server, made a little slower.
    ("twin", || call(|sound| Arc::new(Twice(sound)))),
];

/// The longest answer that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// The least that the schemas of all tools take, in bytes.
const SHORTEST_LIST: usize = 200_000;

/// A call that is answered without asking anybody.
fn message() -> Value {
    let arguments = json!({"registry": "my-bucket", "package_name": "team/data", "path": "x.csv"});
    let params = json!({"name": "catalog_uri", "arguments": arguments});
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
}

fn bearer() -> Result<HeaderValue> {
    Ok(HeaderValue::try_from(format!("Bearer {}", good_token()))?)
}

/// What any server would have to do: reads and writes as much JSON as a call and its answer are, and signs a token. SHA-256
/// takes more instructions on some processors than on others, here in much the same measure as in what is compared.
fn reference() -> Result<Work> {
    let (text, signed) = (message().to_string(), good_token());
    let key = EncodingKey::from_secret(&[b'k'; 40]);
    Ok(Box::new(move || {
        for _ in 0..2 {
            let read: Value = serde_json::from_str(black_box(&text))?;
            black_box(serde_json::to_string(&read)?);
        }
        black_box(jsonwebtoken::crypto::sign(black_box(signed.as_bytes()), &key, Algorithm::HS256)?);
        Ok(())
    }))
}

/// From a request with a token to the last byte of the answer.
fn call(door: fn(Arc<dyn Authenticate>) -> Arc<dyn Authenticate>) -> Result<Work> {
    let (server, bearer, text) = (InProcess::open(door)?, bearer()?, message().to_string());
    Ok(Box::new(move || {
        let request = request(&bearer, text.clone())?;
        let answer = server.runtime.block_on(async {
            let answer = server.service.clone().oneshot(request).await?;
            Ok::<_, quilt_tests::Trouble>(to_bytes(answer.into_body(), LONGEST).await?)
        })?;
        if answer.ends_with(br#""isError":false}}"#) {
            return Ok(());
        }
        Err(format!("not answered: {}", String::from_utf8_lossy(&answer)).into())
    }))
}

/// The same for the list of tools, which is read in the pieces in which it comes.
fn list() -> Result<Work> {
    let (server, bearer) = (InProcess::open(|sound| sound)?, bearer()?);
    let text = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).to_string();
    Ok(Box::new(move || {
        let request = request(&bearer, text.clone())?;
        let length = server.runtime.block_on(async {
            let mut pieces = server.service.clone().oneshot(request).await?.into_body().into_data_stream();
            let mut length = 0;
            while let Some(piece) = pieces.next().await {
                length += piece?.len();
            }
            Ok::<_, quilt_tests::Trouble>(length)
        })?;
        if length > SHORTEST_LIST { Ok(()) } else { Err(format!("no list: {length} bytes").into()) }
    }))
}

fn request(bearer: &HeaderValue, text: String) -> Result<Request<Body>> {
    Ok(Request::post("/mcp")
        .header(HOST, "127.0.0.1")
        .header(AUTHORIZATION, bearer)
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .body(Body::from(text))?)
}

/// Verifies the token of a request, by a secret that is shared with its issuer.
fn token() -> Result<Work> {
    // An issuer with a secret is never asked for keys.
    let verifier = Verifier::new(trust()?, &(Arc::new(HttpFetcher::new()) as _));
    let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer()?)]);
    Ok(Box::new(move || {
        let verified = verifier.authenticate(black_box(&headers)).now_or_never();
        black_box(verified.ok_or("a shared secret is waited for by nobody")??);
        Ok(())
    }))
}

/// Signs a link to a bucket that the SDK has signed one to before.
fn link() -> Result<Work> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let keys = Credentials::new("AKIDEXAMPLE", "secret", Some("session".into()), None, "request-cost");
    let credentials = CallerCredentials::obtained(keys, &Principal::single_user(), RequestId::new());
    let s3 = AwsEndpoints::at("http://127.0.0.1:1", "us-east-1").s3(&credentials);
    let uri: S3Uri = "s3://my-bucket/folder/some object.csv".parse()?;
    Ok(Box::new(move || {
        let link = runtime.block_on(s3.sign(black_box(&uri), Duration::from_secs(600)));
        black_box(link.map_err(|error| error.to_string())?.url);
        Ok(())
    }))
}

/// Verifies each token twice.
struct Twice(Arc<dyn Authenticate>);

impl Authenticate for Twice {
    fn authenticate<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Result<Authenticated, AuthFailure>> {
        async {
            self.0.authenticate(headers).await?;
            self.0.authenticate(headers).await
        }
        .boxed()
    }
}
