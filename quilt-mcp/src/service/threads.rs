//! The threads that compute, so that those which serve requests do not.
//!
//! What keeps a processor busy for long is done here: hashing, drawing, a registry's rules, tables, large answers. The kernel
//! prefers the threads that serve. These here are given data or an open file, never a caller's rights.

mod counted;

use std::io;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use quilt_scope::service;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::oneshot;

use self::counted::Count;
use super::turns::{TenantTurns, TurnsByTenant};
use crate::domain::principal::Principal;
use crate::error::ToolError;

/// How much these threads stand back behind those that serve, in the steps of `nice`: they get a tenth of a processor that
/// both want, and all of one that nobody else wants.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The threads that compute, for all callers together.
///
/// It lives as long as the process and knows how many of them each tenant keeps busy, but not with what, or for whom.
#[derive(Debug)]
pub struct ComputeThreads {
    /// First come, first served.
    pool: ThreadPool,
    for_each: NonZeroUsize,
    /// What a tenant wants done beyond that waits here and not in the pool's queue. So who asks next waits for `for_each`
    /// pieces of work of each busy tenant, and not for all that they want done.
    queued: TurnsByTenant,
    waiting: Count,
    busy: Count,
}

impl ComputeThreads {
    /// So many for each tenant, and one more than that: work is not stopped once it has begun, and whatever one tenant wants
    /// done, there is a thread for the others.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn new(for_each: NonZeroUsize) -> io::Result<Self> {
        Self::of(for_each.saturating_add(1), for_each)
    }

    fn of(threads: NonZeroUsize, for_each: NonZeroUsize) -> io::Result<Self> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .thread_name(|number| format!("compute-{number}"))
            .start_handler(|_| stand_back())
            // Who waits for the work is told, and the message is in the log.
            .panic_handler(|_| ())
            .build()
            .map_err(io::Error::other)?;
        let queued = TurnsByTenant::new(for_each.get());
        Ok(Self { pool, for_each, queued, waiting: Count::default(), busy: Count::default() })
    }

    /// As many for each tenant as this machine has processors.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn of_this_machine() -> io::Result<Self> {
        Self::new(available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }

    /// How many pieces of work wait for a thread.
    pub fn waiting(&self) -> usize {
        self.waiting.now()
    }

    /// How many threads are at work.
    pub fn busy(&self) -> usize {
        self.busy.now()
    }
}

/// Lets the threads that serve go first. Where it cannot be done, the kernel shares evenly.
fn stand_back() {
    // Elsewhere it would be said of the whole process.
    #[cfg(target_os = "linux")]
    if let Ok(serving) = rustix::process::getpriority_process(None) {
        let _ = rustix::process::setpriority_process(None, behind(serving));
    }
}

/// What stands back behind a thread of this niceness.
#[cfg(target_os = "linux")]
fn behind(serving: i32) -> i32 {
    const LAST: i32 = 19;
    (serving + NICENESS).min(LAST)
}

/// The threads that compute, as one tenant may use them.
#[derive(Debug)]
pub struct TenantThreads<'req> {
    threads: &'req ComputeThreads,
    queued: TenantTurns,
}

#[service]
impl<'req> TenantThreads<'req> {
    /// For the tenant of this request.
    pub fn new(principal: &Principal, threads: &'req ComputeThreads) -> Self {
        Self { threads, queued: threads.queued.of(principal) }
    }
}

impl TenantThreads<'_> {
    /// How many the tenant may keep busy.
    pub fn count(&self) -> usize {
        self.threads.for_each.get()
    }

    /// What `work` comes to. Once begun it runs to its end, also when nobody waits for it any more.
    ///
    /// # Errors
    ///
    /// Those of `work`, or it panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ToolError> + Send + 'static,
    ) -> Result<T, ToolError> {
        self.begin(work).await?.await.map_err(ToolError::internal)?
    }

    /// Puts `work` into the queue of the threads when the tenant's turn comes. It is not begun if nobody waits for it by then.
    ///
    /// # Errors
    ///
    /// Never, as long as nobody closes the queue, which nobody does.
    pub(super) async fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, ToolError> {
        let waiting = self.threads.waiting.one_more();
        let turn = self.queued.next().await?;
        let busy = self.threads.busy.clone();
        let (tell, told) = oneshot::channel();
        self.threads.pool.spawn_fifo(move || {
            drop(waiting);
            let _busy = busy.one_more();
            // Until it is done, even if nobody waits for it any more.
            let _turn = turn;
            if !tell.is_closed() {
                let _ = tell.send(work());
            }
        });
        Ok(told)
    }
}

#[cfg(test)]
mod tests;
