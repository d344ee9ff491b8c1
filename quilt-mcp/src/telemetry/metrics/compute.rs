//! Figures of the threads that compute.

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// How much there is to compute.
#[derive(Default)]
pub struct ComputeFigures {
    waiting: Gauge,
    busy: Gauge,
}

impl ComputeFigures {
    /// Takes over how many pieces of work wait now, and how many threads are at work.
    pub fn look(&self, waiting: usize, busy: usize) {
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        self.busy.set(i64::try_from(busy).unwrap_or(i64::MAX));
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "compute_waiting",
            "Pieces of work that wait for a thread that computes",
            self.waiting.clone(),
        );
        registry.register("compute_busy", "Threads that compute now", self.busy.clone());
    }
}
