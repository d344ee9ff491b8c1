//! An OpenTelemetry collector of the test's own: takes spans as OTLP over HTTP has them, and remembers them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode as Status, Uri};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;
use tokio::net::TcpListener;

use crate::Result;

const PROTOBUF: &str = "application/x-protobuf";

type Shared = Arc<Mutex<Received>>;

/// A running collector. It ends with the test's runtime.
pub struct Collector {
    origin: String,
    received: Shared,
}

#[derive(Default)]
struct Received {
    hangs: bool,
    spans: Vec<Span>,
    /// Addresses, headers and bodies, as they came.
    bytes: Vec<u8>,
    /// What was no good request.
    malformed: Vec<String>,
}

/// A span, as it came.
#[derive(Clone, Debug)]
pub struct Span {
    /// The trace's name, in hexadecimal.
    pub trace: String,
    /// The span's name, in hexadecimal.
    pub id: String,
    /// Of the span around it; empty if it is the first.
    pub parent: String,
    /// What it is called.
    pub name: String,
    /// What it says, and what the process says of itself below `resource.`.
    pub attributes: BTreeMap<String, String>,
    /// Whether it says that it failed.
    pub failed: bool,
    /// In nanoseconds.
    pub took: u64,
}

impl Collector {
    /// On a free port of loopback.
    ///
    /// # Errors
    /// If there is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let received = Shared::default();
        let service = Router::new()
            .route("/v1/traces", post(take).fallback(elsewhere))
            .fallback(elsewhere)
            // What is not read is not searched for secrets.
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&received));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Ok(Self { origin, received })
    }

    /// What a server is told.
    pub fn endpoint(&self) -> &str {
        &self.origin
    }

    /// From now on it takes requests and says nothing.
    pub fn hangs(&self) {
        locked(&self.received).hangs = true;
    }

    /// All spans so far.
    ///
    /// # Errors
    /// If anything came that was no good request.
    pub fn spans(&self) -> Result<Vec<Span>> {
        let received = locked(&self.received);
        match received.malformed.first() {
            Some(what) => Err(what.clone().into()),
            None => Ok(received.spans.clone()),
        }
    }

    /// All that came, as it came.
    pub fn bytes(&self) -> Vec<u8> {
        locked(&self.received).bytes.clone()
    }
}

/// Spans are remembered, and answered as a collector does.
async fn take(
    State(received): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> ([(HeaderName, &'static str); 1], Vec<u8>) {
    let hangs = {
        let mut received = locked(&received);
        let is_of_spans =
            uri == "/v1/traces" && headers.get(CONTENT_TYPE).is_some_and(|kind| kind == PROTOBUF);
        received.bytes.extend_from_slice(uri.to_string().as_bytes());
        for (name, value) in &headers {
            received.bytes.extend_from_slice(name.as_str().as_bytes());
            received.bytes.extend_from_slice(value.as_bytes());
        }
        received.bytes.extend_from_slice(&body);
        match ExportTraceServiceRequest::decode(body) {
            Ok(sent) if is_of_spans => received.spans.extend(spans_of(sent)),
            Ok(_) => received.malformed.push(format!("{uri} {headers:?}")),
            Err(error) => received.malformed.push(error.to_string()),
        }
        received.hangs
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    ([(CONTENT_TYPE, PROTOBUF)], ExportTraceServiceResponse::default().encode_to_vec())
}

/// Nothing else is sent to a collector of traces.
async fn elsewhere(State(received): State<Shared>, method: Method, uri: Uri) -> Status {
    locked(&received).malformed.push(format!("{method} {uri}"));
    Status::NOT_FOUND
}

fn locked(received: &Shared) -> MutexGuard<'_, Received> {
    received.lock().unwrap_or_else(PoisonError::into_inner)
}

fn spans_of(sent: ExportTraceServiceRequest) -> Vec<Span> {
    let mut all = Vec::new();
    for of_resource in sent.resource_spans {
        let of_process = of_resource.resource.map(|resource| resource.attributes).unwrap_or_default();
        let of_process: Vec<_> =
            of_process.iter().map(|said| (format!("resource.{}", said.key), text(said))).collect();
        for span in of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let own = span.attributes.iter().map(|said| (said.key.clone(), text(said)));
            all.push(Span {
                trace: hex::encode(&span.trace_id),
                id: hex::encode(&span.span_id),
                parent: hex::encode(&span.parent_span_id),
                name: span.name,
                attributes: own.chain(of_process.clone()).collect(),
                failed: span.status.is_some_and(|status| status.code == StatusCode::Error as i32),
                took: span.end_time_unix_nano.saturating_sub(span.start_time_unix_nano),
            });
        }
    }
    all
}

fn text(said: &KeyValue) -> String {
    match said.value.as_ref().and_then(|any| any.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        other => format!("{other:?}"),
    }
}
