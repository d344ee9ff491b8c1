//! What a watched scope has built, so that after its end each service can be reported gone.
//!
//! The services themselves cannot report it: they borrow from their scope, and a destructor that calls an observer would
//! have to outlive what it borrows. What watches the scope outlives it, and knows the order: fields are dropped from the top.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::graph::{Graph, ServiceInfo};

/// How many builds are remembered without an allocation.
const INLINE: usize = 32;

/// Which slot of which container, and when.
pub(crate) struct Built {
    opened: Instant,
    graph: OnceLock<&'static Graph>,
    count: AtomicUsize,
    first: [AtomicU64; INLINE],
    /// Only for many transient instances, or containers of more services than are common.
    others: Mutex<Vec<u64>>,
}

impl Built {
    pub(crate) fn new() -> Self {
        Self {
            opened: Instant::now(),
            graph: OnceLock::new(),
            count: AtomicUsize::new(0),
            first: [const { AtomicU64::new(0) }; INLINE],
            others: Mutex::new(Vec::new()),
        }
    }

    /// Since the scope was opened.
    pub(crate) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// How many were built.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.count.load(Ordering::Relaxed)).unwrap_or(u32::MAX)
    }

    /// The container of `graph` has built `service`.
    pub(crate) fn push(&self, graph: &'static Graph, service: &ServiceInfo) {
        let graph = self.graph.get_or_init(|| graph);
        let Some(slot) = graph.slot_of(service) else { return };
        let entry = pack(slot, self.age());
        match self.first.get(self.count.fetch_add(1, Ordering::Relaxed)) {
            Some(place) => place.store(entry, Ordering::Relaxed),
            None => self.others.lock().unwrap_or_else(PoisonError::into_inner).push(entry),
        }
    }

    /// Each of them in the order in which they were dropped, with how long it was there.
    pub(crate) fn for_each_dropped(&mut self, mut dropped: impl FnMut(&'static ServiceInfo, Duration)) {
        let Some(graph) = self.graph.get() else { return };
        let age = self.opened.elapsed();
        let inline = (*self.count.get_mut()).min(INLINE);
        let others = self.others.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Transient instances of a slot are dropped in the order in which they were built.
        for (slot, node) in graph.slots.iter().enumerate() {
            let first = self.first[..inline].iter().map(|entry| entry.load(Ordering::Relaxed));
            for (of, since) in first.chain(others.iter().copied()).map(unpack) {
                if of == slot {
                    dropped(node.service, age.saturating_sub(since));
                }
            }
        }
    }
}

const SLOT_BITS: u32 = 16;

/// Microseconds above, slot below.
fn pack(slot: usize, since: Duration) -> u64 {
    let micros = u64::try_from(since.as_micros()).unwrap_or(u64::MAX) << SLOT_BITS;
    micros | (slot as u64 & ((1 << SLOT_BITS) - 1))
}

fn unpack(entry: u64) -> (usize, Duration) {
    let slot = (entry & ((1 << SLOT_BITS) - 1)) as usize;
    (slot, Duration::from_micros(entry >> SLOT_BITS))
}
