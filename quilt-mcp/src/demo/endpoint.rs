//! The embedded endpoint: S3, STS, one call of IAM and a refusal for everything else, on one loopback port.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt as _;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use s3s::Body;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use super::access::Gate;
use super::buckets::Buckets;
use super::iam;
use super::keys::KeyRing;
use super::sts::{Answered, Fault, MAX_FORM, Sts, is_query_call};

/// How long the last answers may take when the demo ends.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running endpoint.
pub(super) struct Endpoint {
    address: SocketAddr,
    keys: Arc<KeyRing>,
    stop: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
}

impl Endpoint {
    /// Puts the sample data under `directory` and serves it on a free port.
    pub(super) async fn start(directory: &Path) -> io::Result<Self> {
        let buckets = Buckets::create(directory).await.map_err(io::Error::other)?;
        let keys = Arc::new(KeyRing::default());
        let gate = Gate { keys: Arc::clone(&keys) };
        let mut service = S3ServiceBuilder::new(buckets);
        service.set_auth(gate.clone());
        service.set_access(gate);
        service.set_route(Sts { keys: Arc::clone(&keys) });

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = axum::Router::new().fallback(answer).with_state((service.build(), Arc::clone(&keys)));
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            // Without it every small answer waits 40 ms for an acknowledgement that the client delays.
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            axum::serve(listener, router).with_graceful_shutdown(stopped).await
        });
        Ok(Self { address, keys, stop, serving })
    }

    /// Where it is, as the AWS SDKs want it in `AWS_ENDPOINT_URL`.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The keys it accepts.
    pub(super) fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Stops accepting, and waits for what is being answered, but not for ever: somebody may be reading slowly.
    pub(super) async fn stop(mut self) -> io::Result<()> {
        self.stop.cancel();
        match tokio::time::timeout(PATIENCE, &mut self.serving).await {
            Ok(served) => served.map_err(io::Error::other)?,
            Err(_) => {
                self.serving.abort();
                Ok(())
            }
        }
    }
}

async fn answer(State((service, keys)): State<(S3Service, Arc<KeyRing>)>, request: Request) -> Response {
    let is_query = is_query_call(request.method(), request.uri());
    if is_query && signed_for(request.headers(), "iam") {
        return answer_iam(request, &keys).await;
    }
    // The crates below log whole requests, with session tokens in them. They get nothing to log to.
    let answered = service.call(request.map(Body::http_body_unsync)).with_subscriber(Dispatch::none()).await;
    match answered {
        Ok(response) if is_query && response.extensions().get::<Answered>().is_none() => {
            fault(&signature_fault(response.body()))
        }
        Ok(response) => response.map(axum::body::Body::new),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn answer_iam(request: Request, keys: &KeyRing) -> Response {
    const UNREADABLE: Fault =
        Fault { status: StatusCode::BAD_REQUEST, code: "InvalidInput", message: "the form cannot be read" };

    let (parts, body) = request.into_parts();
    let Ok(form) = axum::body::to_bytes(body, MAX_FORM).await else { return fault(&UNREADABLE) };
    match iam::answer(&parts, &form, keys) {
        Ok(xml) => ([(CONTENT_TYPE, "text/xml")], xml).into_response(),
        Err(why) => fault(&why),
    }
}

/// Whether the request claims to be signed for `service`. Not verified: it decides only who verifies it.
fn signed_for(headers: &HeaderMap, service: &str) -> bool {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once("Credential=")?.1.split(',').next())
        .and_then(|scope| scope.split('/').nth(3))
        .is_some_and(|signed| signed == service)
}

/// What STS says where the signature check, which speaks S3, said no.
fn signature_fault(s3_error: &Body) -> Fault {
    let error = s3_error.bytes().unwrap_or_default();
    let error = String::from_utf8_lossy(&error);
    let (code, message) = if error.contains("<Code>InvalidAccessKeyId</Code>") {
        ("InvalidClientTokenId", "this access key does not exist")
    } else if error.contains("<Code>ExpiredToken</Code>") {
        ("ExpiredToken", "the session has expired")
    } else if error.contains("<Code>SignatureDoesNotMatch</Code>") {
        ("SignatureDoesNotMatch", "the signature does not fit the request and the access key")
    } else {
        ("AccessDenied", "the request is not signed as STS wants it")
    };
    Fault { status: StatusCode::FORBIDDEN, code, message }
}

fn fault(fault: &Fault) -> Response {
    (fault.status, [(CONTENT_TYPE, "text/xml")], fault.to_xml()).into_response()
}

#[cfg(test)]
mod tests;
