//! Figures of the workflow store.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::labels::{StoreLabel, StoreOutcome, StoreWork, WorkLabel};

/// What the store did, how long it took, and what waits for it.
pub struct StoreFigures {
    operations: Family<StoreLabel, Counter>,
    duration: Family<WorkLabel, Histogram, fn() -> Histogram>,
    wait: Histogram,
    waiting: Gauge,
    open_files: Gauge,
}

impl Default for StoreFigures {
    fn default() -> Self {
        let figures = Self {
            operations: Family::default(),
            duration: Family::new_with_constructor(histogram),
            wait: histogram(),
            waiting: Gauge::default(),
            open_files: Gauge::default(),
        };
        for work in StoreWork::ALL {
            drop(figures.duration.get_or_create(&WorkLabel { work: *work }));
            for outcome in StoreOutcome::ALL {
                drop(figures.operations.get_or_create(&StoreLabel { work: *work, outcome: *outcome }));
            }
        }
        figures
    }
}

impl StoreFigures {
    /// A piece of work waits for its tenant's file.
    pub fn waits(&self) {
        self.waiting.inc();
    }

    /// It waits no more.
    pub fn waited(&self, how_long: Duration) {
        self.waiting.dec();
        self.wait.observe(how_long.as_secs_f64());
    }

    /// A piece of work ended, `took` after its turn came.
    pub fn worked(&self, work: StoreWork, outcome: StoreOutcome, took: Duration) {
        self.operations.get_or_create(&StoreLabel { work, outcome }).inc();
        self.duration.get_or_create(&WorkLabel { work }).observe(took.as_secs_f64());
    }

    /// A file was opened.
    pub fn opened(&self) {
        self.open_files.inc();
    }

    /// A file was closed.
    pub fn closed(&self) {
        self.open_files.dec();
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "store_operations",
            "Work done by the workflow store, by how it ended",
            self.operations.clone(),
        );
        registry.register_with_unit(
            "store_operation_duration",
            "How long work of the workflow store took, once its turn had come",
            Unit::Seconds,
            self.duration.clone(),
        );
        registry.register_with_unit(
            "store_wait_duration",
            "How long work waited for its tenant's file",
            Unit::Seconds,
            self.wait.clone(),
        );
        registry.register("store_waiting", "Work that waits for its tenant's file now", self.waiting.clone());
        registry.register("store_open_files", "Tenants' files open now", self.open_files.clone());
    }
}

fn histogram() -> Histogram {
    Histogram::new([0.000_1, 0.000_5, 0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0])
}
