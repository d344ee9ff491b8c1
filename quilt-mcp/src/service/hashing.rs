//! Hashing away from the threads that serve requests.
//!
//! Objects are hashed as they arrive, a large one in several chunks side by side; files of this machine too. At any time as
//! many threads hash as the machine has processors, whoever asks, and each is given little at a time, so that nobody waits
//! for the whole of somebody else's object. A thread is given bytes, never a caller's rights.

mod local;
mod pipeline;
mod remote;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::error::ToolError;

pub(super) use pipeline::Pipeline;

/// The threads that hash, for all callers together.
///
/// It lives as long as the process and knows how many threads hash, but not what, or for whom.
#[derive(Clone, Debug)]
pub struct HashThreads {
    free: Arc<Semaphore>,
    count: usize,
}

impl HashThreads {
    /// So many at a time.
    pub fn new(count: NonZeroUsize) -> Self {
        let count = count.get().min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(count)), count }
    }

    /// As many as this machine has processors.
    pub fn of_this_machine() -> Self {
        Self::new(available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }

    /// Begins `work` once a thread is free. It is on its way when this returns.
    async fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<JoinHandle<T>, ToolError> {
        let turn = Arc::clone(&self.free).acquire_owned().await.map_err(ToolError::internal)?;
        Ok(tokio::task::spawn_blocking(move || {
            // Until it is done, even if nobody waits for it any more.
            let _turn = turn;
            work()
        }))
    }
}

#[cfg(test)]
mod tests;
