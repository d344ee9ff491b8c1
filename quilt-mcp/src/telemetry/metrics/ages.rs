//! When each open scope was opened, kept without a lock that requests would share.
//!
//! A fixed table of start times. Who opens a scope takes a free place; who closes it frees the place. When all places
//! are taken the scope has none: its age is unknown, which is harmless, as the older ones are in the table.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const PLACES: usize = 1024;
const FREE: u64 = 0;

/// When each open scope was opened.
pub(super) struct Ages {
    origin: Instant,
    next: AtomicUsize,
    /// Microseconds since `origin`, plus one; or [`FREE`].
    started: Box<[AtomicU64]>,
}

/// A place in the table. Not `Clone`: it is given back once.
pub(super) struct Place(usize);

impl Ages {
    pub(super) fn new() -> Self {
        Self {
            origin: Instant::now(),
            next: AtomicUsize::new(0),
            started: (0..PLACES).map(|_| AtomicU64::new(FREE)).collect(),
        }
    }

    pub(super) fn enter(&self) -> Option<Place> {
        let now = self.now();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        (0..PLACES).map(|offset| first.wrapping_add(offset) % PLACES).find_map(|place| {
            self.started[place]
                .compare_exchange(FREE, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
                .then_some(Place(place))
        })
    }

    #[expect(clippy::needless_pass_by_value, reason = "a place is given back, and not used again")]
    pub(super) fn leave(&self, place: Place) {
        self.started[place.0].store(FREE, Ordering::Relaxed);
    }

    pub(super) fn oldest(&self) -> Duration {
        let now = self.now();
        let oldest = self
            .started
            .iter()
            .map(|start| start.load(Ordering::Relaxed))
            .filter(|start| *start != FREE)
            .min();
        Duration::from_micros(oldest.map_or(0, |start| now.saturating_sub(start)))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX - 1) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_after_it_was_left() {
        let ages = Ages::new();
        let places: Vec<_> = (0..PLACES).map(|_| ages.enter().expect("there is room")).collect();
        assert!(ages.enter().is_none(), "the table is full");
        for place in places {
            ages.leave(place);
        }
        assert_eq!(ages.oldest(), Duration::ZERO);
        assert!(ages.enter().is_some());
    }

    #[test]
    fn the_oldest_counts() {
        let ages = Ages::new();
        let old = ages.enter().expect("there is room");
        let before = Instant::now();
        while before.elapsed() < Duration::from_millis(2) {
            std::hint::spin_loop();
        }
        let young = ages.enter().expect("there is room");
        assert!(ages.oldest() >= Duration::from_millis(2));
        ages.leave(old);
        assert!(ages.oldest() < Duration::from_secs(1));
        ages.leave(young);
    }
}
