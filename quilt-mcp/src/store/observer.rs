//! What a store reports of its work.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// Hears of the work of a store: whether it waits, how it ends, how long it took. Never whose it is. All methods do nothing
/// unless implemented, and must not block.
pub trait StoreObserver: Send + Sync + 'static {
    /// A piece of work has come, and waits until its tenant's file is free.
    fn waits(&self) {}

    /// It waits no more: its turn has come, or nobody wants it any longer.
    fn waited(&self, how_long: Duration) {
        let _ = how_long;
    }

    /// It ended, `took` after its turn came.
    fn worked(&self, work: Work, outcome: WorkOutcome, took: Duration) {
        let _ = (work, outcome, took);
    }

    /// A tenant's file was opened.
    fn opened(&self) {}

    /// A tenant's file was closed.
    fn closed(&self) {}
}

/// Nobody listens.
impl StoreObserver for () {}

/// What was wanted of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// To look.
    Read,
    /// To change something, durably.
    Write,
}

/// How a piece of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkOutcome {
    /// As wanted.
    Done,
    /// With a no: there is none such, or there is one already, or too many.
    Refused,
    /// Another process held the file for too long.
    Busy,
    /// There was no room.
    Full,
    /// The file is not what it has to be.
    Damaged,
    /// Otherwise: the disk, the rights, a fault.
    Failed,
}

/// Reports that a piece of work waits, for as long as it is there.
pub(super) struct Waiting<'a> {
    observer: &'a Arc<dyn StoreObserver>,
    since: Instant,
}

impl<'a> Waiting<'a> {
    pub(super) fn of(observer: &'a Arc<dyn StoreObserver>) -> Self {
        observer.waits();
        Self { observer, since: Instant::now() }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.observer.waited(self.since.elapsed());
    }
}
