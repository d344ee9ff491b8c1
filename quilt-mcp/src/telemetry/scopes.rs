//! What request scopes report: counted, and logged at debug.

use std::time::Duration;

use quilt_scope::{ScopeEnd, ScopeObserver, ServiceInfo};

use super::Metrics;

/// Services come and go at debug level, inside the span of their call: so a line names the request that a service
/// belonged to.
impl ScopeObserver for Metrics {
    fn opened(&self, scope: &'static str) {
        tracing::debug!(scope, "scope opened");
    }

    fn built(&self, service: &'static ServiceInfo, took: Duration) {
        self.service_built(service.name, took);
        tracing::debug!(service = service.name, micros = micros(took), "service built");
    }

    fn dropped(&self, service: &'static ServiceInfo, lived: Duration) {
        self.service_destroyed(service.name, lived);
        tracing::debug!(service = service.name, micros = micros(lived), "service destroyed");
    }

    fn closed(&self, end: &ScopeEnd) {
        self.scope_closed(end.by.into());
        tracing::debug!(
            scope = end.scope,
            by = ?end.by,
            services = end.built,
            micros = micros(end.lived),
            "scope closed"
        );
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
