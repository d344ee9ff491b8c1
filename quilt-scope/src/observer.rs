//! What a scope reports about itself.

use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::built::Built;
use crate::graph::{Graph, ServiceInfo};

/// Sees scopes open, build and close. All methods do nothing unless implemented, and must not block.
///
/// A scope without an observer has `()`, and nothing of this is compiled in. The observer of a scope is usually a [`Watch`]
/// over one: without it nobody says that the scope opens, and of its end [`run`](crate::run) knows only how the body ended,
/// not for how long the scope lived nor what it built.
pub trait ScopeObserver: Sync {
    /// Whether anybody looks. When `false`, not even the time is read.
    const WATCHES: bool = true;

    /// A scope was opened.
    fn opened(&self, scope: &'static str) {
        let _ = scope;
    }

    /// A service was built, and its constructor took `took` (without what it had to wait for).
    fn built(&self, service: &'static ServiceInfo, took: Duration) {
        let _ = (service, took);
    }

    /// The same, told by the scope, which knows where it keeps the service. [`Watch`] remembers it.
    #[doc(hidden)]
    fn built_in(&self, graph: &'static Graph, service: &'static ServiceInfo, took: Duration) {
        let _ = graph;
        self.built(service, took);
    }

    /// A service that was built is gone, `lived` after that. Told by [`Watch`] once the whole scope is gone, for one service
    /// after the other in the order in which they were dropped, and before [`closed`](ScopeObserver::closed); also after a
    /// panic, and when the future that owned the scope was dropped. What was put in by [`Slot::fill`](crate::Slot::fill)
    /// was not built, and is not reported.
    fn dropped(&self, service: &'static ServiceInfo, lived: Duration) {
        let _ = (service, lived);
    }

    /// A scope is gone, with all its services.
    fn closed(&self, end: &ScopeEnd) {
        let _ = end;
    }
}

impl ScopeObserver for () {
    const WATCHES: bool = false;
}

/// How a scope ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndedBy {
    /// The body returned.
    Finished,
    /// The body was stopped, then the scope tidied up.
    Stopped,
    /// The body panicked, then the scope tidied up.
    Panicked,
    /// The future that owned the scope was dropped. What would have been tidied up asynchronously was not.
    Dropped,
}

/// What an observer is told when a scope is gone.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ScopeEnd {
    /// The container's name.
    pub scope: &'static str,
    /// How it came to an end.
    pub by: EndedBy,
    /// From opening to end.
    pub lived: Duration,
    /// How many services it had built.
    pub built: u32,
}

/// Watches one scope from before it opens until after it is gone.
///
/// It is declared before the scope, so that it is dropped after it: when [`ScopeObserver::dropped`] and
/// [`ScopeObserver::closed`] are called, the services are gone. Up to 32 builds are remembered without an allocation.
pub struct Watch<'a, O: ScopeObserver> {
    observer: &'a O,
    scope: &'static str,
    built: Built,
    ended_by: AtomicU8,
}

impl<'a, O: ScopeObserver> Watch<'a, O> {
    /// Reports that `scope` opens.
    pub fn open(observer: &'a O, scope: &'static str) -> Self {
        observer.opened(scope);
        Self { observer, scope, built: Built::new(), ended_by: AtomicU8::new(encode(EndedBy::Dropped)) }
    }
}

impl<O: ScopeObserver> ScopeObserver for Watch<'_, O> {
    const WATCHES: bool = O::WATCHES;

    fn built_in(&self, graph: &'static Graph, service: &'static ServiceInfo, took: Duration) {
        self.built.push(graph, service);
        self.observer.built(service, took);
    }

    /// Told by [`run`](crate::run) how the body ended; the observer hears of it when the scope is gone.
    fn closed(&self, end: &ScopeEnd) {
        self.ended_by.store(encode(end.by), Ordering::Relaxed);
    }
}

impl<O: ScopeObserver> Drop for Watch<'_, O> {
    fn drop(&mut self) {
        self.built.for_each_dropped(|service, lived| self.observer.dropped(service, lived));
        self.observer.closed(&ScopeEnd {
            scope: self.scope,
            by: decode(*self.ended_by.get_mut()),
            lived: self.built.age(),
            built: self.built.count(),
        });
    }
}

impl<O: ScopeObserver> fmt::Debug for Watch<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("scope", &self.scope).field("age", &self.built.age()).finish()
    }
}

const ENDS: [EndedBy; 4] = [EndedBy::Finished, EndedBy::Stopped, EndedBy::Panicked, EndedBy::Dropped];

fn encode(end: EndedBy) -> u8 {
    end as u8
}

fn decode(byte: u8) -> EndedBy {
    ENDS[usize::from(byte)]
}

/// Counts live scopes and knows how old the oldest is, without a lock that scopes would share.
///
/// Up to [`Census::PLACES`] scopes have their age known at a time; beyond that they are still counted.
pub struct Census {
    epoch: Instant,
    opened: AtomicU64,
    gone: AtomicU64,
    next: AtomicUsize,
    /// When the scope in each place opened, in microseconds since `epoch` plus one; 0 is a free place.
    places: Box<[AtomicU64]>,
}

/// A scope's place in a [`Census`]; leaving it is dropping it.
#[derive(Debug)]
pub struct Counted<'a> {
    census: &'a Census,
    place: Option<usize>,
}

impl Census {
    /// How many scopes can have their age known at once.
    pub const PLACES: usize = 1024;

    /// Nobody counted yet.
    pub fn new() -> Self {
        Self {
            epoch: Instant::now(),
            opened: AtomicU64::new(0),
            gone: AtomicU64::new(0),
            next: AtomicUsize::new(0),
            places: (0..Self::PLACES).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Counts one in, until what is returned is dropped.
    pub fn enter(&self) -> Counted<'_> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        let now = self.now();
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        // A few places are tried; a scope that finds none is counted without an age.
        let place = (start..start + 8)
            .map(|i| i % Self::PLACES)
            .find(|&i| self.places[i].compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed).is_ok());
        Counted { census: self, place }
    }

    /// How many have ever entered.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// How many are in.
    pub fn live(&self) -> u64 {
        // `gone` first: one that leaves in between makes the figure too high, never negative.
        let gone = self.gone.load(Ordering::Relaxed);
        self.opened.load(Ordering::Relaxed).saturating_sub(gone)
    }

    /// How long the oldest has been in.
    pub fn oldest(&self) -> Option<Duration> {
        let first =
            self.places.iter().map(|place| place.load(Ordering::Relaxed)).filter(|&at| at != 0).min()?;
        Some(Duration::from_micros(self.now().saturating_sub(first)))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_micros()).unwrap_or(u64::MAX - 1) + 1
    }
}

impl Default for Census {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Census")
            .field("opened", &self.opened())
            .field("live", &self.live())
            .finish_non_exhaustive()
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.census.places[place].store(0, Ordering::Relaxed);
        }
        self.census.gone.fetch_add(1, Ordering::Relaxed);
    }
}
