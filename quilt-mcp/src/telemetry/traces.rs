//! Spans for OpenTelemetry, sent to a collector (feature `otel`).
//!
//! The spans are those of `tracing` that name an `otel.kind`. A layer of our own turns them into the SDK's records, for two
//! promises that `tracing-opentelemetry` cannot make: a span's id is the one that the log and AWS are told (`scope_id`,
//! `traceparent`), and what leaves the process is a closed list of attributes (see `attributes`), so that nothing
//! slips out by being logged.
//!
//! Ending a span puts its record into a bounded queue, and never waits: what does not fit is dropped. The SDK's own thread
//! sends what is in the queue.

mod attributes;
mod layer;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::Key;
use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SpanProcessor};
use tracing::Subscriber;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use self::layer::SpanLayer;
use crate::config::{CollectorUrl, ConfigError, Setting};

/// How many ended spans wait to be sent.
const QUEUE: usize = 4_096;
/// How many are sent at once.
const BATCH: usize = 512;
/// How long an ended span waits for others.
const DELAY: Duration = Duration::from_secs(1);
/// How long sending one batch may take.
const SENDING: Duration = Duration::from_secs(3);
/// How long what is left may take at the end.
const FLUSHING: Duration = Duration::from_secs(5);

/// Spans on their way to a collector.
#[derive(Clone)]
pub struct Traces {
    processor: Arc<dyn SpanProcessor>,
}

impl Traces {
    /// Sends spans to `collector` by means of `http`, from a thread that this starts.
    ///
    /// # Errors
    ///
    /// What the environment says of OTLP (`OTEL_EXPORTER_OTLP_*`) cannot be used.
    pub fn to(collector: &CollectorUrl, http: impl HttpClient + 'static) -> Result<Self, ConfigError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(http)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(collector.for_traces())
            .with_timeout(SENDING)
            .build()
            .map_err(|error| ConfigError::new(format!("{}: {error}", Setting::OtlpEndpoint.variable())))?;
        Ok(Self::over(exporter))
    }

    fn over(exporter: impl opentelemetry_sdk::trace::SpanExporter + 'static) -> Self {
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY);
        let mut processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches.build()).build();
        let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        // `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` count as everywhere. Without a name in them the SDK makes one up.
        let detected = Resource::builder().build();
        let name = detected.get(&Key::from_static_str("service.name"));
        let is_named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
        let resource = Resource::builder().with_attribute(version);
        let resource = if is_named { resource } else { resource.with_service_name("quilt-mcp") };
        processor.set_resource(&resource.build());
        Self { processor: Arc::new(processor) }
    }

    /// What turns ended spans into records.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        SpanLayer::into(Arc::clone(&self.processor)).with_filter(filter_fn(|metadata| {
            metadata.is_span() && metadata.fields().field(attributes::KIND).is_some()
        }))
    }

    /// Sends what is left, and ends. Blocks, for some seconds at most; `false` if not all was sent.
    pub fn flush(&self) -> bool {
        self.processor.shutdown_with_timeout(FLUSHING).is_ok()
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Traces")
    }
}
