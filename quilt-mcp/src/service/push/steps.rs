//! How far a push is, over all that it does.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use quilt_package::hash::{MIN_CHUNK, chunk_size};

use super::{Origin, Planned};
use crate::domain::request::Progress;

/// The steps of a push, counted through: a client sees one number that only grows, and at the end it is the total.
pub(super) struct Steps<'req> {
    progress: &'req Progress,
    done: AtomicU64,
    /// Known when everything has been looked at, before anything is done.
    total: OnceLock<u64>,
}

impl<'req> Steps<'req> {
    pub(super) fn new(progress: &'req Progress) -> Self {
        Self { progress, done: AtomicU64::new(0), total: OnceLock::new() }
    }

    /// So many more are done.
    pub(super) fn add(&self, steps: u64, message: impl FnOnce() -> String) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        self.progress.report(done, self.total.get().copied(), message);
    }

    /// From now on the total is known: so many more than are done.
    pub(super) fn expect(&self, more: u64) {
        // Who does a second thing goes past the total of the first.
        let _ = self.total.set(self.done.load(Ordering::Relaxed) + more);
    }

    /// All that was left.
    pub(super) fn finish(&self, message: impl FnOnce() -> String) {
        let done = self.done.load(Ordering::Relaxed);
        self.add(self.total.get().map_or(0, |total| total.saturating_sub(done)), message);
    }
}

impl Planned {
    /// How many steps it takes to bring it to its place: one a part, if it is copied in parts.
    pub(super) fn steps(&self) -> u64 {
        match &self.origin {
            Origin::Copy { original, .. } if original.size >= MIN_CHUNK => parts(original.size),
            _ => 1,
        }
    }
}

/// In how many parts so many bytes are copied.
pub(super) fn parts(size: u64) -> u64 {
    size.div_ceil(chunk_size(size))
}
