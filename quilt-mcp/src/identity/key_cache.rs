//! The keys that an issuer publishes at an address, kept fresh without any request waiting for it.
//!
//! A task of its own fetches them, one fetch at a time, now and then and when a token names a key that is not there. So
//! a hung issuer holds up nobody whose key is known, and nobody of another issuer. A token can make us fetch at most
//! once in [`Timing::cooldown`], whatever it says. While the issuer does not answer its last good keys count, for
//! [`Timing::stale`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::keys::KeySet;
use crate::client::fetch::{Fetch, Get};

/// The longest set that is read, in bytes.
const MAX_BYTES: usize = 512 * 1024;

/// When keys are fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// After a good fetch, if the issuer does not say otherwise. A key that the issuer has withdrawn counts no longer.
    pub(super) refresh: Duration,
    /// After a failed fetch.
    pub(super) retry: Duration,
    /// Between two fetches that tokens ask for.
    pub(super) cooldown: Duration,
    /// How long a fetch may take.
    pub(super) fetch: Duration,
    /// How long a token with an unknown key waits, counted from the beginning of the fetch.
    pub(super) patience: Duration,
    /// For how long the last good keys count.
    pub(super) stale: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            refresh: Duration::from_secs(600),
            retry: Duration::from_secs(30),
            cooldown: Duration::from_secs(30),
            fetch: Duration::from_secs(5),
            patience: Duration::from_secs(1),
            stale: Duration::from_secs(24 * 3600),
        }
    }
}

/// How it stands with the keys that an issuer publishes. For the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedKeys<'a> {
    /// Whose they are, as the configuration has it.
    pub issuer: &'a str,
    /// How many can check a token now.
    pub usable: usize,
    /// How long ago they were last fetched well; since the start, if they never were.
    pub age: Duration,
    /// How many fetches went well since the start.
    pub fetched: u64,
    /// How many did not.
    pub failed: u64,
    /// How many of these came after the last that went well.
    pub failing: u64,
}

/// What became of the fetches so far.
struct Fetches {
    /// When the last went well; or when all began.
    good: Instant,
    fetched: u64,
    failed: u64,
    failing: u64,
}

/// The keys of one issuer.
pub(super) struct KeyCache {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    issuer: String,
    url: Arc<str>,
    fetch: Arc<dyn Fetch>,
    timing: Timing,
    /// Replaced as a whole, and told after each fetch, good or not.
    keys: watch::Sender<Arc<KeySet>>,
    demand: Mutex<Demand>,
    fetches: Mutex<Fetches>,
    wake: Notify,
}

/// What tokens have asked for.
struct Demand {
    /// When the fetch under way began.
    under_way: Option<Instant>,
    last: Option<Instant>,
}

impl KeyCache {
    /// Begins to fetch at once. Call it within a runtime; what it starts ends when it is dropped.
    pub(super) fn open(issuer: &str, url: Arc<str>, fetch: Arc<dyn Fetch>, timing: Timing) -> Self {
        let shared = Arc::new(Shared {
            issuer: issuer.to_owned(),
            url,
            fetch,
            timing,
            keys: watch::Sender::default(),
            demand: Mutex::new(Demand { under_way: Some(Instant::now()), last: None }),
            fetches: Mutex::new(Fetches { good: Instant::now(), fetched: 0, failed: 0, failing: 0 }),
            wake: Notify::new(),
        });
        let task = tokio::spawn(Arc::clone(&shared).keep_fresh());
        Self { shared, task }
    }

    pub(super) fn state(&self) -> PublishedKeys<'_> {
        let Fetches { good, fetched, failed, failing } = *self.shared.fetches();
        let usable = self.shared.keys.borrow().len();
        PublishedKeys { issuer: &self.shared.issuer, usable, age: good.elapsed(), fetched, failed, failing }
    }

    /// A set that has the key, if the issuer publishes it. At once if it is known, or if asking is not due; else when
    /// the fetch is done or patience has ended.
    pub(super) async fn with_key(&self, kid: &str) -> Option<Arc<KeySet>> {
        let mut keys = self.shared.keys.subscribe();
        let has = |keys: &Arc<KeySet>| keys.get(kid).is_some().then(|| Arc::clone(keys));
        if let Some(found) = has(&keys.borrow_and_update()) {
            return Some(found);
        }
        // A fetch may have ended since the first look: so there is a second one whatever comes.
        if let Some(until) = self.shared.demand() {
            let _ = timeout_at(until, keys.changed()).await;
        }
        has(&keys.borrow())
    }
}

impl Drop for KeyCache {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fetches {
    fn succeeded(&mut self) {
        (self.good, self.failing) = (Instant::now(), 0);
        self.fetched += 1;
    }

    fn failed(&mut self) {
        self.failed += 1;
        self.failing += 1;
    }
}

impl Shared {
    /// Asks for a fetch. Until when to wait for it; `None` if there is nothing to wait for.
    fn demand(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut demand = self.lock();
        let began = match demand.under_way {
            Some(began) => began,
            None if demand.last.is_none_or(|last| now >= last + self.timing.cooldown) => {
                (demand.last, demand.under_way) = (Some(now), Some(now));
                self.wake.notify_one();
                now
            }
            None => return None,
        };
        let until = began + self.timing.patience;
        (until > now).then_some(until)
    }

    async fn keep_fresh(self: Arc<Self>) {
        let mut good_until = Instant::now();
        loop {
            let next = match self.fetched().await {
                Ok((keys, max_age)) => {
                    tracing::info!(issuer = self.issuer, keys = keys.len(), "fetched the issuer's keys");
                    good_until = Instant::now() + self.timing.stale;
                    self.fetches().succeeded();
                    self.done(Some(keys));
                    // An issuer may ask for less, not for so much less that it is a flood.
                    max_age.map_or(self.timing.refresh, |age| {
                        age.max(self.timing.retry).min(self.timing.refresh)
                    })
                }
                Err(why) => {
                    tracing::warn!(issuer = self.issuer, why, "cannot fetch the issuer's keys");
                    self.fetches().failed();
                    let over = Instant::now() >= good_until;
                    self.done(over.then(KeySet::default));
                    self.timing.retry
                }
            };
            tokio::select! {
                () = tokio::time::sleep(next) => {
                    self.lock().under_way = Some(Instant::now());
                }
                () = self.wake.notified() => {}
            }
        }
    }

    async fn fetched(&self) -> Result<(KeySet, Option<Duration>), String> {
        let get = Get {
            url: &self.url,
            bearer: None,
            cookie: None,
            request: None,
            most_bytes: MAX_BYTES,
            within: self.timing.fetch,
        };
        let answer = self.fetch.get(get).await.map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("status {}", answer.status));
        }
        let keys = KeySet::read(&answer.body).map_err(|why| why.to_string())?;
        Ok((keys, answer.max_age))
    }

    /// Tells everybody who waits.
    fn done(&self, keys: Option<KeySet>) {
        self.lock().under_way = None;
        self.keys.send_modify(|held| {
            if let Some(keys) = keys {
                *held = Arc::new(keys);
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, Demand> {
        self.demand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fetches(&self) -> MutexGuard<'_, Fetches> {
        self.fetches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
