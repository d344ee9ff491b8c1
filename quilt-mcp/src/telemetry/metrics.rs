//! Counts and times, for Prometheus.
//!
//! Every label is an enum, or a name from a table fixed at start-up, so that no caller can make the number of series
//! grow. No series names a tenant or a user: that is for the log.

mod calls;
mod compute;
mod issuers;
mod labels;
mod process;
mod services;
mod store;
mod trespasses;

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use quilt_scope::{Census, Counted};

pub use compute::ComputeFigures;
pub use issuers::IssuerFigures;
pub use labels::{
    CallOutcome, ExchangeOutcome, FetchOutcome, Limit, QuestionOutcome, ScopeEnd, StoreOutcome, StoreWork,
    Trespass,
};
pub use store::StoreFigures;

use self::calls::CallFigures;
use self::labels::{EndLabel, ExchangeLabel, LimitLabel, ReasonLabel};
use self::process::ProcessFigures;
use self::services::ServiceFigures;
use self::trespasses::TrespassFigures;
use crate::error::ErrorCode;
use crate::identity::AuthError;

/// The media type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    scopes_opened: Counter,
    scopes_closed: Family<EndLabel, Counter>,
    scopes_live: Gauge,
    oldest_scope: Gauge<f64, std::sync::atomic::AtomicU64>,
    call_deadline: Gauge<f64, std::sync::atomic::AtomicU64>,
    census: Census,
    services: ServiceFigures,
    calls: CallFigures,
    exchanges: Family<ExchangeLabel, Counter>,
    exchange_duration: Histogram,
    auth_failures: Family<ReasonLabel, Counter>,
    requests_refused: Family<LimitLabel, Counter>,
    trespasses: TrespassFigures,
    process: ProcessFigures,
    /// Of the workflow store.
    pub store: StoreFigures,
    /// Of the issuers who publish keys.
    pub issuers: IssuerFigures,
    /// Of the threads that compute.
    pub compute: ComputeFigures,
}

impl Metrics {
    /// Nothing counted yet. All series of the named tools, each with its group, and services are there from the start, so
    /// that the first count of each is seen as an increase.
    pub fn new(tools: &[(&'static str, &'static str)], services: &[&'static str]) -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            scopes_opened: Counter::default(),
            scopes_closed: Family::default(),
            scopes_live: Gauge::default(),
            oldest_scope: Gauge::default(),
            call_deadline: Gauge::default(),
            census: Census::new(),
            services: ServiceFigures::of(services),
            calls: CallFigures::of(tools),
            exchanges: Family::default(),
            exchange_duration: Histogram::new([0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0]),
            auth_failures: Family::default(),
            requests_refused: Family::default(),
            trespasses: TrespassFigures::default(),
            process: ProcessFigures::default(),
            store: StoreFigures::default(),
            issuers: IssuerFigures::default(),
            compute: ComputeFigures::default(),
        };
        metrics.register();
        metrics.initialise();
        metrics
    }

    /// A request's scope opens. It counts as open until the result is dropped.
    pub fn scope_opened(&self) -> Counted<'_> {
        self.scopes_opened.inc();
        self.census.enter()
    }

    /// A request's scope is gone.
    pub fn scope_closed(&self, how: ScopeEnd) {
        self.scopes_closed.get_or_create(&EndLabel { how }).inc();
    }

    /// A scope built a service, which took `took`.
    pub fn service_built(&self, service: &'static str, took: Duration) {
        self.services.built(service, took);
    }

    /// A service is gone with the scope that built it, `lived` after that.
    pub fn service_destroyed(&self, service: &'static str, lived: Duration) {
        self.services.destroyed(service, lived);
    }

    /// A call ended, `took` after it came. A tool that is in no table counts as `other`.
    pub fn call_finished(&self, tool: &str, outcome: CallOutcome, took: Duration) {
        self.calls.finished(tool, outcome, took);
    }

    /// A caller was told that the call failed, and with which code.
    pub fn call_failed(&self, code: ErrorCode) {
        self.calls.failed(code);
    }

    /// A token was exchanged for AWS credentials, or not, which took `took`.
    pub fn credential_exchange(&self, outcome: ExchangeOutcome, took: Duration) {
        self.exchanges.get_or_create(&ExchangeLabel { outcome }).inc();
        self.exchange_duration.observe(took.as_secs_f64());
    }

    /// A request was refused because of a limit.
    pub fn request_refused(&self, limit: Limit) {
        self.requests_refused.get_or_create(&LimitLabel { limit }).inc();
    }

    /// A request was refused.
    pub fn auth_failed(&self, reason: AuthError) {
        self.auth_failures.get_or_create(&ReasonLabel { reason }).inc();
        if let Some(on) = Trespass::of(reason) {
            self.trespasses.add(on, 1);
        }
    }

    /// Somebody was refused a session, which is a trespass if another has it open. If not, nothing is added, which takes as
    /// long as adding one.
    pub fn session_refused(&self, is_foreign: bool) {
        self.trespasses.add(Trespass::Session, u64::from(is_foreign));
    }

    /// How long a call may take: what the age of a scope is to be compared with.
    pub fn set_call_deadline(&self, deadline: Duration) {
        self.call_deadline.set(deadline.as_secs_f64());
    }

    /// How many scopes are open.
    pub fn live_scopes(&self) -> u64 {
        self.census.live()
    }

    /// How long the oldest open scope has been open.
    pub fn oldest_scope(&self) -> Duration {
        self.census.oldest().unwrap_or_default()
    }

    /// All of it, as [`CONTENT_TYPE`].
    pub fn encode(&self) -> String {
        self.oldest_scope.set(self.oldest_scope().as_secs_f64());
        self.scopes_live.set(i64::try_from(self.live_scopes()).unwrap_or(i64::MAX));
        self.process.look();
        let mut text = String::new();
        // Writing to a `String` does not fail, and neither do our labels.
        let _ = encode(&mut text, &self.registry);
        text
    }

    fn register(&mut self) {
        let registry = self.registry.sub_registry_with_prefix("quilt_mcp");
        registry.register("scopes_opened", "Request scopes opened", self.scopes_opened.clone());
        registry.register(
            "scopes_closed",
            "Request scopes closed, by how they ended",
            self.scopes_closed.clone(),
        );
        registry.register("scopes_live", "Request scopes open now", self.scopes_live.clone());
        registry.register_with_unit(
            "scope_oldest_age",
            "How long the oldest open request scope has been open",
            Unit::Seconds,
            self.oldest_scope.clone(),
        );
        registry.register_with_unit(
            "call_deadline",
            "How long a call may take; no scope should be older for long",
            Unit::Seconds,
            self.call_deadline.clone(),
        );
        self.services.register(registry);
        self.calls.register(registry);
        registry.register(
            "credential_exchanges",
            "Exchanges of a caller's token for AWS credentials",
            self.exchanges.clone(),
        );
        registry.register_with_unit(
            "credential_exchange_duration",
            "How long exchanges of a caller's token for AWS credentials took",
            Unit::Seconds,
            self.exchange_duration.clone(),
        );
        registry.register("auth_failures", "Requests refused, by reason", self.auth_failures.clone());
        registry.register(
            "requests_refused",
            "Requests refused because of a limit, by which",
            self.requests_refused.clone(),
        );
        self.trespasses.register(registry);
        self.store.register(registry);
        self.issuers.register(registry);
        self.compute.register(registry);
        self.process.register(&mut self.registry);
    }

    fn initialise(&self) {
        for how in ScopeEnd::ALL {
            drop(self.scopes_closed.get_or_create(&EndLabel { how: *how }));
        }
        for outcome in ExchangeOutcome::ALL {
            drop(self.exchanges.get_or_create(&ExchangeLabel { outcome: *outcome }));
        }
        for limit in Limit::ALL {
            drop(self.requests_refused.get_or_create(&LimitLabel { limit: *limit }));
        }
        for reason in AuthError::ALL {
            drop(self.auth_failures.get_or_create(&ReasonLabel { reason: *reason }));
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("live_scopes", &self.live_scopes()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
