//! What must not be in the way of who measures: the neighbour's clients, and the S3 that answers the server, on a thread of their
//! own that stands back behind the one that measures. On one thread with it, their work would count as the server's.

use tokio::runtime::{Builder, Handle, Runtime};

use crate::Result;

/// In the steps of `nice`.
const NICENESS: i32 = 10;

/// The thread. To be dropped where nothing is awaited.
pub(crate) struct Background(Runtime);

impl Background {
    pub(crate) fn start() -> Result<Self> {
        let stand_back = || {
            // Who may not is measured all the same, a little worse.
            let _ = rustix::process::setpriority_process(None, NICENESS);
        };
        let threads =
            Builder::new_multi_thread().worker_threads(1).on_thread_start(stand_back).enable_all().build()?;
        Ok(Self(threads))
    }

    pub(crate) fn handle(&self) -> Handle {
        self.0.handle().clone()
    }
}
