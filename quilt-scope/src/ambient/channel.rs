//! The way to the future that owns the scope.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::{mpsc, oneshot};

use crate::ready::BoxFuture;
use crate::scope::{Container, SharedScope};

/// What is run with the scope of whoever receives it.
pub(super) type Job<C> = Box<dyn for<'r> FnOnce(&'r <C as Container>::Scope<'r>) -> BoxFuture<'r, ()> + Send>;

/// What a closure returned, or panicked with.
pub(super) type Outcome<R> = Result<R, Box<dyn Any + Send>>;

/// The way to the future that owns a scope of `C`.
pub(super) struct Channel<C: Container> {
    jobs: mpsc::UnboundedSender<Job<C>>,
    turns: AtomicU64,
}

impl<C: Container> Channel<C> {
    pub(super) fn open() -> (Arc<Self>, mpsc::UnboundedReceiver<Job<C>>) {
        let (jobs, asked) = mpsc::unbounded_channel();
        (Arc::new(Self { jobs, turns: AtomicU64::new(0) }), asked)
    }

    /// Whether the job is on its way. It is not when the owner is gone.
    pub(super) fn send(&self, job: Job<C>) -> bool {
        self.jobs.send(job).is_ok()
    }

    /// How often the owner has looked at what is asked.
    pub(super) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// Runs what is asked as far as it gets, also what that asks in turn. Whether anything was answered.
    pub(super) fn serve<'req>(
        &self,
        scope: &'req C::Scope<'req>,
        asked: &mut mpsc::UnboundedReceiver<Job<C>>,
        running: &mut FuturesUnordered<BoxFuture<'req, ()>>,
        cx: &mut Context<'_>,
    ) -> bool {
        let mut answered = false;
        loop {
            self.turns.fetch_add(1, Ordering::Relaxed);
            let mut progress = false;
            while let Poll::Ready(Some(job)) = asked.poll_recv(cx) {
                running.push(job(scope));
                progress = true;
            }
            while let Poll::Ready(Some(())) = running.poll_next_unpin(cx) {
                (answered, progress) = (true, true);
            }
            if !progress {
                return answered;
            }
        }
    }
}

/// `ask` as a job, and where its outcome arrives. The job stops when nobody waits for that any more.
pub(super) fn job<C: Container, R: Send + 'static>(
    ask: impl for<'r> FnOnce(&'r C::Scope<'r>) -> BoxFuture<'r, R> + Send + 'static,
) -> (Job<C>, oneshot::Receiver<Outcome<R>>)
where
    for<'r> C::Scope<'r>: SharedScope,
{
    let (mut reply, outcome) = oneshot::channel();
    let job: Job<C> = Box::new(move |scope| {
        Box::pin(async move {
            // A panic is the asker's: the owner goes on, and so do the others.
            let mut work = pin!(AssertUnwindSafe(async move { ask(scope).await }).catch_unwind());
            let outcome = poll_fn(|cx| match reply.poll_closed(cx) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => work.as_mut().poll(cx).map(Some),
            });
            if let Some(outcome) = outcome.await {
                // Nobody waits any more; then nobody misses it.
                let _ = reply.send(outcome);
            }
        })
    });
    (job, outcome)
}
