//! The operator's listener: alive, ready, metrics. On a port of its own, so that what serves callers shows none of it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::http::site::Site;

/// What the operator can see of a running server.
pub trait Vitals: Send + Sync + 'static {
    /// Whether calls can be served now, and what else the operator may want to know: a line each, without a secret.
    ///
    /// # Errors
    ///
    /// If not; the words say why and must not hold a secret.
    fn ready(&self) -> BoxFuture<'_, Result<Vec<String>, String>>;

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
        let address = self.listener.local_addr()?;
        tracing::info!(%address, "admin listening");
        if !reaches_only_this_machine(address) {
            tracing::warn!(
                %address,
                "whoever reaches the admin listener reads the metrics without a token: who is served, how much, and \
                 what fails; let nobody but your own network reach it, or listen on loopback"
            );
        }
        let service = axum::serve(self.listener, router(self.vitals, shutdown, address)).into_future();
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

fn reaches_only_this_machine(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn router(vitals: Arc<dyn Vitals>, shutdown: CancellationToken, address: SocketAddr) -> Router {
    let pages = Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state((vitals, shutdown));
    if !reaches_only_this_machine(address) {
        // Scrapers and probes call it by names that only the operator's network knows.
        return pages;
    }
    // A page that somebody looks at on this machine could otherwise read it, under a name of its own.
    pages.layer(middleware::from_fn_with_state(Arc::new(Site::of_loopback(address.ip())), refuse_foreign))
}

async fn refuse_foreign(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    match site.check(&request) {
        Ok(()) => next.run(request).await,
        Err(foreign) => {
            tracing::warn!(?foreign, "the admin listener refused a request that may come from a web page");
            (StatusCode::FORBIDDEN, "call this address as localhost\n").into_response()
        }
    }
}

type View = (Arc<dyn Vitals>, CancellationToken);

async fn ready(State((vitals, shutdown)): State<View>) -> (StatusCode, String) {
    let ready = tokio::select! {
        // First, and while the question is open too: it may take long where there is much to do.
        biased;
        () = shutdown.cancelled() => Err("draining".to_owned()),
        ready = vitals.ready() => ready,
    };
    match ready {
        Ok(notes) => (StatusCode::OK, notes.iter().fold("ok\n".to_owned(), |text, note| text + note + "\n")),
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
        fn ready(&self) -> BoxFuture<'_, Result<Vec<String>, String>> {
            let broken = self.broken.load(Ordering::SeqCst);
            let notes = vec!["keys: 2".to_owned()];
            Box::pin(async move { if broken { Err("the store does not answer".into()) } else { Ok(notes) } })
        }

        fn metrics(&self) -> String {
            "calls_total 1\n# EOF\n".into()
        }
    }

    const LOOPBACK: &str = "127.0.0.1:9464";

    fn pages(store: &Arc<Store>, shutdown: &CancellationToken, address: &str) -> Router {
        router(store.clone(), shutdown.clone(), address.parse().expect("an address"))
    }

    async fn get(router: &Router, path: &str) -> (StatusCode, String) {
        get_as(router, path, "localhost:9464", None).await
    }

    async fn get_as(router: &Router, path: &str, host: &str, origin: Option<&str>) -> (StatusCode, String) {
        let mut request = Request::get(path).header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = router.clone().oneshot(request).await.expect("infallible");
        let status = response.status();
        let body = to_bytes(response.into_body(), 10_000).await.expect("a body");
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn readiness_follows_the_store_and_the_shutdown() {
        let (store, shutdown) = (Arc::new(Store::default()), CancellationToken::new());
        let router = pages(&store, &shutdown, LOOPBACK);
        assert_eq!(get(&router, "/readyz").await, (StatusCode::OK, "ok\nkeys: 2\n".into()));

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
        let router = pages(&Arc::default(), &CancellationToken::new(), LOOPBACK);
        assert_eq!(get(&router, "/metrics").await, (StatusCode::OK, "calls_total 1\n# EOF\n".into()));
        assert_eq!(get(&router, "/mcp").await.0, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn on_loopback_a_page_under_another_name_reads_nothing() {
        for address in [LOOPBACK, "[::1]:9464", "[::ffff:127.0.0.1]:9464"] {
            let router = pages(&Arc::default(), &CancellationToken::new(), address);
            for path in ["/livez", "/readyz", "/metrics", "/nothing"] {
                let (status, body) = get_as(&router, path, "evil.example:9464", None).await;
                assert_eq!((status, body.contains("calls_total")), (StatusCode::FORBIDDEN, false), "{path}");
            }
            let origin = Some("http://evil.example");
            assert_eq!(get_as(&router, "/metrics", "localhost:9464", origin).await.0, StatusCode::FORBIDDEN);
            for own in ["localhost:9464", "127.0.0.1:9464", "[::1]:9464"] {
                assert_eq!(get_as(&router, "/metrics", own, None).await.0, StatusCode::OK, "{own}");
            }
        }
    }

    #[tokio::test]
    async fn elsewhere_the_operators_network_has_names_of_its_own() {
        let router = pages(&Arc::default(), &CancellationToken::new(), "0.0.0.0:9464");
        assert_eq!(
            get_as(&router, "/metrics", "quilt-mcp.monitoring.svc:9464", None).await.0,
            StatusCode::OK
        );
    }
}
