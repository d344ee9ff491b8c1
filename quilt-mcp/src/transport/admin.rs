//! The operator's listener: alive, ready, metrics. On a port of its own, so that what serves callers shows none of it.

use std::fmt;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What the operator can see of a running server.
pub trait Vitals: Send + Sync + 'static {
    /// Whether calls can be served now.
    ///
    /// # Errors
    ///
    /// If not; the words say why and must not hold a secret.
    fn ready(&self) -> BoxFuture<'_, Result<(), String>>;

    /// The metrics in Prometheus' text format.
    fn metrics(&self) -> String;
}

/// The operator's listener.
pub struct Admin {
    /// Where to listen.
    pub listener: TcpListener,
    /// What to tell.
    pub vitals: Arc<dyn Vitals>,
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Admin").field(&self.listener).finish()
    }
}

impl Admin {
    /// Runs `server`, and answers the operator as long as it runs. Once `shutdown` has fired the server is not ready.
    ///
    /// # Errors
    ///
    /// If the listener has no address; nothing runs then.
    pub async fn beside<F: Future>(self, shutdown: CancellationToken, server: F) -> io::Result<F::Output> {
        tracing::info!(address = %self.listener.local_addr()?, "admin listening");
        let service = axum::serve(self.listener, router(self.vitals, shutdown)).into_future();
        let mut service = std::pin::pin!(service);
        let mut server = std::pin::pin!(server);
        tokio::select! {
            output = &mut server => Ok(output),
            ended = &mut service => {
                tracing::error!(?ended, "the admin listener ended");
                Ok(server.await)
            }
        }
    }
}

fn router(vitals: Arc<dyn Vitals>, shutdown: CancellationToken) -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state((vitals, shutdown))
}

type View = (Arc<dyn Vitals>, CancellationToken);

async fn ready(State((vitals, shutdown)): State<View>) -> (StatusCode, String) {
    let ready = if shutdown.is_cancelled() { Err("draining".to_owned()) } else { vitals.ready().await };
    match ready {
        Ok(()) => (StatusCode::OK, "ok\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

async fn metrics(State((vitals, _)): State<View>) -> impl IntoResponse {
    let format = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, format)], vitals.metrics())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    #[derive(Default)]
    struct Store {
        broken: AtomicBool,
    }

    impl Vitals for Store {
        fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
            let broken = self.broken.load(Ordering::SeqCst);
            Box::pin(async move { if broken { Err("the store does not answer".into()) } else { Ok(()) } })
        }

        fn metrics(&self) -> String {
            "calls_total 1\n# EOF\n".into()
        }
    }

    async fn get(router: &Router, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let response = router.clone().oneshot(request).await.expect("infallible");
        let status = response.status();
        let body = to_bytes(response.into_body(), 10_000).await.expect("a body");
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn readiness_follows_the_store_and_the_shutdown() {
        let (store, shutdown) = (Arc::new(Store::default()), CancellationToken::new());
        let router = router(store.clone(), shutdown.clone());
        assert_eq!(get(&router, "/readyz").await, (StatusCode::OK, "ok\n".into()));

        store.broken.store(true, Ordering::SeqCst);
        let expected = (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n".into());
        assert_eq!(get(&router, "/readyz").await, expected);

        store.broken.store(false, Ordering::SeqCst);
        shutdown.cancel();
        assert_eq!(get(&router, "/readyz").await, (StatusCode::SERVICE_UNAVAILABLE, "draining\n".into()));
        assert_eq!(get(&router, "/livez").await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn metrics_are_text() {
        let router = router(Arc::new(Store::default()), CancellationToken::new());
        assert_eq!(get(&router, "/metrics").await, (StatusCode::OK, "calls_total 1\n# EOF\n".into()));
        assert_eq!(get(&router, "/mcp").await.0, StatusCode::NOT_FOUND);
    }
}
