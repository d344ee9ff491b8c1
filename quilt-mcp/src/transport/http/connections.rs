//! Connections: how many, how long one may take to say what it wants, and how they end. `axum::serve` asks none of it.

mod closing;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::CONNECTION;
use http::{HeaderValue, Version};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt as _};

/// How long to wait when a connection cannot be accepted, as when there are no file descriptors left: asking again at once
/// would only take the processor from those that are open.
const BREATH: Duration = Duration::from_millis(100);

/// Longer than bytes are on their way. At the end a connection that nothing is asked over stays open for as long, and who
/// has begun to connect may finish for as long: a request that was sent before its sender could know of the end is read.
const LINGER: Duration = Duration::from_millis(250);

/// After this all that will be answered is being answered: a connection may be accepted at the end of one [`LINGER`], and
/// stays for another. Who still waits for a place by then is not waited for. A time and not a signal: event streams hold places
/// until nothing runs, so a wait for everybody to be let in could wait for itself.
pub(super) const SETTLING: Duration = LINGER.saturating_mul(2);

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

/// When connections end.
#[derive(Clone)]
pub(super) struct End {
    /// Clients of HTTP/1 are told with each answer to send their next request over a new connection, which may lead elsewhere. So
    /// hardly a connection is left that is closed while a request is on its way.
    pub(super) near: CancellationToken,
    /// Nobody may begin a connection any more, and those that are idle are closed.
    pub(super) now: CancellationToken,
}

/// Serves until `end` comes, and then until every connection has been answered and closed.
pub(super) async fn serve<S: HttpService>(
    listener: TcpListener,
    service: S,
    limits: ConnectionLimits,
    end: End,
) {
    let most = limits.most.min(Semaphore::MAX_PERMITS);
    let door = Door { service, limits, end, places: Arc::new(Semaphore::new(most)) };
    tokio::select! {
        biased;
        () = door.end.now.cancelled() => {}
        () = door.accept(&listener) => {}
    }
    // Closing a listener resets whoever is connected as far as the kernel is concerned and has not been accepted. So first
    // nobody may begin; then those who have begun are accepted; and only then it is closed.
    closing::turn_newcomers_away(&listener);
    let _ = tokio::time::timeout(LINGER, door.accept(&listener)).await;
    door.accept_the_rest(listener).await;
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    // Fails only if the semaphore is closed, which nobody does.
    let _ = door.places.acquire_many(all).await;
}

/// What answers requests.
pub(in crate::transport) trait HttpService:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> HttpService for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Where connections come in.
struct Door<S> {
    service: S,
    limits: ConnectionLimits,
    end: End,
    places: Arc<Semaphore>,
}

impl<S: HttpService> Door<S> {
    /// Accepts without end. May be dropped at any time: a connection is not lost with it.
    async fn accept(&self, listener: &TcpListener) {
        // Fails only if the semaphore is closed, which nobody does.
        while let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, _)) => self.let_in(stream, place),
                Err(error) => {
                    tracing::debug!(%error, "a connection was not accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }

    /// Accepts those that are there, and closes the listener.
    async fn accept_the_rest(&self, listener: TcpListener) {
        let mut queue = match closing::queue_of(listener) {
            Ok(queue) => queue,
            Err(error) => return tracing::warn!(%error, "connections that were not accepted yet are reset"),
        };
        // Who finds no place waits for one here as elsewhere: one is free when another's request is answered.
        while let Some(stream) = queue.next()
            && let Ok(place) = Arc::clone(&self.places).acquire_owned().await
        {
            self.let_in(stream, place);
        }
    }

    fn let_in(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        let (service, limits, end) = (self.service.clone(), self.limits, self.end.clone());
        tokio::spawn(async move {
            converse(stream, service, limits, end).await;
            drop(place);
        });
    }
}

async fn converse<S: HttpService>(stream: TcpStream, service: S, limits: ConnectionLimits, end: End) {
    // Without this an event stream waits for the client's delayed ACK: 40 ms a call.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let asked = Arc::new(AtomicBool::new(false));
    let (noted, near) = (Arc::clone(&asked), end.near.clone());
    let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
        noted.store(true, Ordering::Relaxed);
        let (service, near, version) = (service.clone(), near.clone(), request.version());
        // Boxed, so that a connection over which nothing is asked is small.
        Box::pin(async move {
            let Ok(mut response) = service.oneshot(request.map(Body::new)).await;
            // HTTP/2 has a message of its own for this, which hyper sends.
            if version < Version::HTTP_2 && near.is_cancelled() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        })
    });
    let builder = builder(limits);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // hyper does not time what comes before it knows which HTTP is spoken.
    let mut begin = std::pin::pin!(tokio::time::sleep(limits.head_within));
    let mut stop = std::pin::pin!(async {
        end.now.cancelled().await;
        // hyper closes at once what is idle, also if a request is there to be read. One that comes until then is answered,
        // and the connection ends with the answer.
        tokio::time::sleep(LINGER).await;
    });
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
            () = stop.as_mut(), if !stopping => {
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

#[cfg(test)]
mod tests;
