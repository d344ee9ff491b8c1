//! The threads that compute, so that those which serve requests do not.
//!
//! Whatever keeps a processor busy is done here: hashing, drawing, a registry's patterns. There are as many of these threads as
//! the machine has processors, and the kernel prefers the ones that serve. A thread is given data, never a caller's rights.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use quilt_scope::service;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::{Semaphore, oneshot};

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
    pool: ThreadPool,
    free: Arc<Semaphore>,
    /// Nobody has more in the queue than there are threads, so that who asks next waits for one piece of work of somebody
    /// else's, not for all that they want done.
    queued: TurnsByTenant,
}

impl ComputeThreads {
    /// So many.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn new(count: NonZeroUsize) -> io::Result<Self> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(count.get())
            .thread_name(|number| format!("compute-{number}"))
            .start_handler(|_| stand_back())
            // Who waits for the work is told, and the message is in the log.
            .panic_handler(|_| ())
            .build()
            .map_err(io::Error::other)?;
        let count = pool.current_num_threads();
        Ok(Self { pool, free: Arc::new(Semaphore::new(count)), queued: TurnsByTenant::new(count) })
    }

    /// As many as this machine has processors.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn of_this_machine() -> io::Result<Self> {
        Self::new(available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }
}

/// Lets the threads that serve go first. Where it cannot be done, the kernel shares evenly.
fn stand_back() {
    // Elsewhere it would be said of the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICENESS);
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
    /// How many there are.
    pub fn count(&self) -> usize {
        self.threads.pool.current_num_threads()
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

    /// Begins `work` once a thread is free. It is on its way when this returns.
    ///
    /// # Errors
    ///
    /// Never, as long as nobody closes the queue, which nobody does.
    pub(super) async fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, ToolError> {
        let queued = self.queued.next().await?;
        let free = Arc::clone(&self.threads.free).acquire_owned().await.map_err(ToolError::internal)?;
        let (tell, told) = oneshot::channel();
        self.threads.pool.spawn_fifo(move || {
            // Until it is done, even if nobody waits for it any more.
            let _turn = (queued, free);
            let _ = tell.send(work());
        });
        Ok(told)
    }
}

#[cfg(test)]
mod tests;
