//! Spans on their way out, if the operator wants them sent.

use crate::config::{Config, ConfigError};
use crate::telemetry;

/// What still has to be sent.
pub(super) struct Spans {
    #[cfg(feature = "otel")]
    traces: Option<telemetry::traces::Traces>,
}

#[cfg(feature = "otel")]
impl Spans {
    /// Starts logging, and sending spans. Call it within the runtime.
    ///
    /// # Errors
    ///
    /// The log's filter is malformed, or spans cannot be sent.
    pub(super) fn begin(config: &Config) -> Result<Self, ConfigError> {
        use crate::client::collector::Collector;
        use tracing_subscriber::Layer as _;

        let Some(url) = &config.collector else {
            telemetry::init(&config.log)?;
            return Ok(Self { traces: None });
        };
        let collector = Collector::new().map_err(|error| ConfigError::new(error.to_string()))?;
        let traces = telemetry::traces::Traces::to(url, collector)?;
        telemetry::init_beside(&config.log, Some(traces.layer().boxed()))?;
        Ok(Self { traces: Some(traces) })
    }

    /// Sends what is left. Takes some seconds at most.
    pub(super) async fn flushed(self) {
        let Some(traces) = self.traces else { return };
        // It waits for an answer, and what sends needs this thread.
        if !matches!(tokio::task::spawn_blocking(move || traces.flush()).await, Ok(true)) {
            tracing::warn!("the last spans could not be sent");
        }
    }
}

#[cfg(not(feature = "otel"))]
impl Spans {
    /// Starts logging.
    ///
    /// # Errors
    ///
    /// The log's filter is malformed.
    pub(super) fn begin(config: &Config) -> Result<Self, ConfigError> {
        telemetry::init(&config.log)?;
        Ok(Self {})
    }

    /// There are none.
    pub(super) async fn flushed(self) {}
}
