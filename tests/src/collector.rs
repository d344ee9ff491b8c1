//! An OpenTelemetry collector of the test's own: takes spans as OTLP over HTTP has them, and remembers them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Result;

/// Longer than any test waits.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// A running collector. It ends with the test's runtime.
pub struct Collector {
    address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    hangs: bool,
    spans: Vec<Span>,
    /// Every body, as it came.
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
        let address = listener.local_addr()?.to_string();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, Arc::clone(&shared)));
            }
        });
        Ok(Self { address, state })
    }

    /// What a server is told.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on it takes requests and says nothing.
    pub fn hangs(&self) {
        self.lock().hangs = true;
    }

    /// All spans so far.
    ///
    /// # Errors
    /// If anything came that was no good request.
    pub fn spans(&self) -> Result<Vec<Span>> {
        let state = self.lock();
        match state.malformed.first() {
            Some(what) => Err(what.clone().into()),
            None => Ok(state.spans.clone()),
        }
    }

    /// All that came, as it came.
    pub fn bytes(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let (head, body) = match request(&mut stream).await {
        Ok(request) => request,
        // Who hangs up sends nothing.
        Err(_) => return,
    };
    let hangs = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.bytes.extend_from_slice(head.as_bytes());
        state.bytes.extend_from_slice(&body);
        let asked = head.starts_with("POST /v1/traces HTTP/1.1\r\n")
            && head.to_ascii_lowercase().contains("content-type: application/x-protobuf");
        match ExportTraceServiceRequest::decode(body.as_slice()) {
            Ok(sent) if asked => state.spans.extend(spans_of(sent)),
            Ok(_) => state.malformed.push(head),
            Err(error) => state.malformed.push(error.to_string()),
        }
        state.hangs
    };
    if hangs {
        tokio::time::sleep(FOR_EVER).await;
    }
    let answer = ExportTraceServiceResponse::default().encode_to_vec();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    // Who hangs up does not want the answer.
    let _ = stream.write_all(&[head.into_bytes(), answer].concat()).await;
    let _ = stream.shutdown().await;
}

/// Head and body.
async fn request(stream: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    const END: &[u8] = b"\r\n\r\n";
    let mut read = Vec::new();
    let body_at = loop {
        if let Some(at) = read.windows(END.len()).position(|four| four == END) {
            break at + END.len();
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Err("hung up".into());
        }
    };
    let head = String::from_utf8_lossy(&read[..body_at]).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse::<usize>().ok())
        .ok_or("a request says how long it is")?;
    while read.len() < body_at + length {
        if stream.read_buf(&mut read).await? == 0 {
            return Err("hung up".into());
        }
    }
    Ok((head, read.split_off(body_at)))
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
