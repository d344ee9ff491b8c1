//! Connections: how many, and how long one may take to say what it wants. `axum::serve` asks neither.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// How long to wait when a connection cannot be accepted, as when there are no file descriptors left: asking again at once
/// would only take the processor from those that are open.
const BREATH: Duration = Duration::from_millis(100);

/// What a client may take before it has shown a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// How many connections are served at once. More wait until one is closed.
    pub most: usize,
    /// How long the head of a request may take. An idle connection is closed after as long.
    pub head_within: Duration,
    /// The longest head of a request, in bytes.
    pub head_bytes: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { most: 4_096, head_within: Duration::from_secs(30), head_bytes: 64 * 1024 }
    }
}

/// Serves until `shutdown` fires, and then until every connection has been answered and closed.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    shutdown: CancellationToken,
) {
    let most = limits.most.min(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(most));
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (router, shutdown) = (router.clone(), shutdown.clone());
                tokio::spawn(async move {
                    converse(stream, router, limits, shutdown).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::debug!(%error, "a connection was not accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    // Fails only if the semaphore is closed, which nobody does.
    let _ = places.acquire_many(all).await;
}

async fn converse(stream: TcpStream, router: Router, limits: ConnectionLimits, shutdown: CancellationToken) {
    // Without this an event stream waits for the client's delayed ACK: 40 ms a call.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let asked = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked);
    let service = router.map_request(move |request: http::Request<hyper::body::Incoming>| {
        noted.store(true, Ordering::Relaxed);
        request.map(Body::new)
    });
    let service = service.map_err(|never: Infallible| match never {});
    let builder = builder(limits);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = std::pin::pin!(connection);
    // hyper does not time what comes before it knows which HTTP is spoken.
    let mut begin = std::pin::pin!(tokio::time::sleep(limits.head_within));
    let (mut begun, mut stopping) = (false, false);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(error, "a connection ended early");
                }
                return;
            }
            () = begin.as_mut(), if !begun => {
                begun = true;
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
            }
            () = shutdown.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn builder(limits: ConnectionLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_within)
        .max_buf_size(limits.head_bytes)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.head_within)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(100);
    builder
}
