//! The way to an OpenTelemetry collector (feature `otel`).

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::Handle;

use super::fetch::{FetchError, trusting_the_roots_of_this_machine};

/// The longest answer that is read, in bytes: a collector has little to say.
const MAX_BYTES: usize = 64 * 1024;
/// From the first byte sent to the last byte received.
const WITHIN: Duration = Duration::from_secs(3);

/// Sends to a collector. Like everything here it follows no redirect, and asks no proxy of the environment.
pub struct Collector {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// The SDK sends from a thread of its own, which has no runtime.
    runtime: Handle,
    delivers: AtomicBool,
}

impl Collector {
    /// With the certificates that this machine trusts. Call it within a runtime, which must live as long as it sends.
    ///
    /// # Errors
    ///
    /// The certificates cannot be read.
    pub fn new() -> Result<Self, FetchError> {
        let client = Client::builder(TokioExecutor::new()).build(trusting_the_roots_of_this_machine()?);
        Ok(Self { client, runtime: Handle::current(), delivers: AtomicBool::new(true) })
    }

    /// Tells the operator when spans are no longer delivered, and when they are again; not each time.
    fn note(&self, sent: &Result<Response<Bytes>, HttpError>) {
        let problem = match sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("status {}", answer.status())),
            Err(error) => Some(error.to_string()),
        };
        let delivered = self.delivers.swap(problem.is_none(), Ordering::Relaxed);
        match problem {
            Some(why) if delivered => tracing::warn!(why, "the collector does not take spans: they are lost"),
            None if !delivered => tracing::info!("the collector takes spans again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.client.request(request.map(Full::new));
        let sending = async move {
            let (parts, body) = answer.await?.into_parts();
            let body = Limited::new(body, MAX_BYTES).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(parts, body))
        };
        // The time limit is made in there too: it needs the runtime's clock.
        let sending = self.runtime.spawn(async move { tokio::time::timeout(WITHIN, sending).await });
        let sent = match sending.await {
            Ok(Ok(sent)) => sent,
            Ok(Err(_)) => Err(format!("no answer within {WITHIN:?}").into()),
            Err(error) => Err(error.into()),
        };
        self.note(&sent);
        sent
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}
