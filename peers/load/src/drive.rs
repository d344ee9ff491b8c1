//! The two ways to load a server: as fast as it answers, and at a rate of our own.

use std::future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc};

use crate::Result;
use crate::case::Case;
use crate::client::{Answered, Client};
use crate::figures::Latencies;

/// What came of a run.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Of calls that were answered well.
    pub(crate) latencies: Latencies,
    /// Answered `429` with a time to come again.
    pub(crate) shed: u64,
    /// Answered by an error of the tool.
    pub(crate) failed: u64,
    /// The first of these.
    pub(crate) failure: Option<String>,
    pub(crate) took: Duration,
    pub(crate) clients: Vec<Client>,
}

impl Outcome {
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// That everybody was answered well.
    pub(crate) fn check(&self) -> Result {
        match (self.shed, &self.failure) {
            (0, None) => Ok(()),
            (shed, failure) => {
                Err(format!("{shed} requests were refused, {} failed: {failure:?}", self.failed).into())
            }
        }
    }

    /// What came after it, of clients that are done with.
    pub(crate) fn follow(&mut self, next: Self) {
        self.took += next.took;
        self.join(Self { clients: Vec::new(), ..next });
    }

    fn join(&mut self, other: Self) {
        self.latencies.append(other.latencies);
        self.shed += other.shed;
        self.failed += other.failed;
        self.failure = self.failure.take().or(other.failure);
        self.clients.extend(other.clients);
    }

    fn count(&mut self, answered: Answered, took: Duration) {
        match answered {
            Answered::Well(_) => self.latencies.add(took),
            Answered::Shed => self.shed += 1,
            Answered::Failed(what) => {
                self.failed += 1;
                self.failure.get_or_insert(what);
            }
        }
    }
}

/// Closed loop: each client asks again as soon as it has its answer.
pub(crate) async fn closed(clients: Vec<Client>, case: Case, length: Duration) -> Result<Outcome> {
    until(clients, case, Arc::new(AtomicBool::new(false)), length).await
}

/// The same until `stop` is set, or `length` is over.
pub(crate) async fn until(
    clients: Vec<Client>,
    case: Case,
    stop: Arc<AtomicBool>,
    length: Duration,
) -> Result<Outcome> {
    let start = Instant::now();
    let next = move || {
        let goes_on = start.elapsed() < length && !stop.load(Ordering::Relaxed);
        future::ready(goes_on.then(Instant::now))
    };
    asked_by_all(clients, case, next).await
}

/// Open loop: `rate` requests a second come at random (exponential gaps) whatever the server does. Latency counts from
/// when a request came, also while it waits for a free client.
pub(crate) async fn open(clients: Vec<Client>, case: Case, rate: f64, length: Duration) -> Result<Outcome> {
    let (send, tickets) = mpsc::unbounded_channel();
    let tickets = Arc::new(Mutex::new(tickets));
    let start = Instant::now();
    // The runtime's timers are a millisecond coarse.
    let pacer = std::thread::spawn(move || {
        // The same gaps in each run.
        let (mut due, mut random) = (start, fastrand::Rng::with_seed(0));
        while due < start + length {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if send.send(Instant::now()).is_err() {
                return;
            }
            due += Duration::from_secs_f64(-(1.0 - random.f64()).ln() / rate);
        }
    });
    let next = move || {
        let tickets = Arc::clone(&tickets);
        async move { tickets.lock().await.recv().await }
    };
    let all = asked_by_all(clients, case, next).await?;
    pacer.join().map_err(|_| "the pacer panicked")?;
    Ok(all)
}

/// Has each client ask whenever `next` says that a request has come, and when it came, until it says that no more do.
async fn asked_by_all<N, F>(clients: Vec<Client>, case: Case, next: N) -> Result<Outcome>
where
    N: Fn() -> F + Clone + Send + 'static,
    F: Future<Output = Option<Instant>> + Send,
{
    let start = Instant::now();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            let next = next.clone();
            tokio::spawn(async move {
                let mut outcome = Outcome::default();
                while let Some(came) = next().await {
                    let answered = client.call(case).await.map_err(|error| error.to_string())?;
                    outcome.count(answered, came.elapsed());
                }
                outcome.clients.push(client);
                Ok::<_, String>(outcome)
            })
        })
        .collect();
    let mut all = Outcome::default();
    for task in tasks {
        all.join(task.await??);
    }
    all.took = start.elapsed();
    Ok(all)
}

/// Numbers for clients, so that no two calls of a run have the same.
pub(crate) fn first_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed) << 32
}
