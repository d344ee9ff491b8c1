//! Figures of the services of requests.
//!
//! Of each service how many there were and are, and how long building it took in all, from which follows the mean. How times
//! are distributed, of all together: no service outlives its scope, and a histogram for each would be most of all series.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::labels::ServiceLabel;

/// How many there were and are, how long building them took, and how old they were when they were gone.
pub(super) struct ServiceFigures {
    built: Family<ServiceLabel, Counter>,
    destroyed: Family<ServiceLabel, Counter>,
    live: Family<ServiceLabel, Gauge>,
    build: Family<ServiceLabel, Counter<f64, AtomicU64>>,
    build_duration: Histogram,
    lifetime: Histogram,
}

impl ServiceFigures {
    pub(super) fn of(services: &[&'static str]) -> Self {
        let figures = Self {
            built: Family::default(),
            destroyed: Family::default(),
            live: Family::default(),
            build: Family::default(),
            build_duration: Histogram::new([0.000_01, 0.000_1, 0.001, 0.01, 0.1, 1.0, 10.0]),
            lifetime: Histogram::new([0.001, 0.01, 0.1, 1.0, 10.0, 120.0]),
        };
        for service in services {
            let label = ServiceLabel { service };
            drop(figures.built.get_or_create(&label));
            drop(figures.destroyed.get_or_create(&label));
            drop(figures.live.get_or_create(&label));
            drop(figures.build.get_or_create(&label));
        }
        figures
    }

    pub(super) fn built(&self, service: &'static str, took: Duration) {
        let (label, took) = (ServiceLabel { service }, took.as_secs_f64());
        self.built.get_or_create(&label).inc();
        self.live.get_or_create(&label).inc();
        self.build.get_or_create(&label).inc_by(took);
        self.build_duration.observe(took);
    }

    pub(super) fn destroyed(&self, service: &'static str, lived: Duration) {
        let label = ServiceLabel { service };
        self.destroyed.get_or_create(&label).inc();
        self.live.get_or_create(&label).dec();
        self.lifetime.observe(lived.as_secs_f64());
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("services_built", "Services built in request scopes", self.built.clone());
        registry.register(
            "services_destroyed",
            "Services gone with the request scopes that built them",
            self.destroyed.clone(),
        );
        registry.register(
            "services_live",
            "Services built and not gone yet; none is older than the oldest scope",
            self.live.clone(),
        );
        registry.register_with_unit(
            "service_build",
            "How long building services took in all, without what it waited for",
            Unit::Seconds,
            self.build.clone(),
        );
        registry.register_with_unit(
            "service_build_duration",
            "How long building a service took, without what it waited for",
            Unit::Seconds,
            self.build_duration.clone(),
        );
        registry.register_with_unit(
            "service_lifetime",
            "How old a service was when it was gone",
            Unit::Seconds,
            self.lifetime.clone(),
        );
    }
}
