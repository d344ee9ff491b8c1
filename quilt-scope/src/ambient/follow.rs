//! Taking the request along, on purpose: into a task, or onto a thread that may block.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::pin::pin;

use super::channel::job;
use super::error::{AmbientError, Why};
use super::here::{self, Here};
use super::name_of;
use crate::ready::BoxFuture;
use crate::scope::{Container, SharedScope};

/// The request that code runs in, to be taken elsewhere.
///
/// It keeps nothing alive: when the request has ended, whoever asks is told so.
#[derive(Clone)]
pub struct Current(Here);

/// The request that this code runs in: the innermost, if one is open inside another.
///
/// # Errors
///
/// No request is open here.
pub fn current() -> Result<Current, AmbientError> {
    Here::followed().map(Current).ok_or_else(|| AmbientError::new("a request", "scope", Why::Outside))
}

impl Current {
    /// `task`, which may ask for the request's scope wherever it is polled: `tokio::spawn(current.follow(task))`.
    ///
    /// What it asks is answered by the future that owns the scope, as long as that has not ended.
    pub async fn follow<F: Future>(self, task: F) -> F::Output {
        let mut task = pin!(task);
        poll_fn(|cx| {
            let _entered = self.0.enter();
            task.as_mut().poll(cx)
        })
        .await
    }

    /// Runs `ask` with the request's scope, and blocks this thread until it is answered. For `spawn_blocking` and threads.
    ///
    /// # Errors
    ///
    /// The request has ended, or its scope is none of `C`, or this thread is the one that serves it, and would wait for itself.
    ///
    /// # Panics
    ///
    /// With what `ask` panicked with; or when called in an asynchronous task, whose thread must not be blocked.
    pub fn wait_for<C: Container, R: Send + 'static>(
        &self,
        ask: impl for<'r> FnOnce(&'r C::Scope<'r>) -> BoxFuture<'r, R> + Send + 'static,
    ) -> Result<R, AmbientError>
    where
        for<'r> C::Scope<'r>: SharedScope,
    {
        let error = |why| Err(AmbientError::new(name_of::<C>(), name_of::<C>(), why));
        let Some(channel) = self.0.channel::<C>() else { return error(Why::Outside) };
        if here::owner_is_below(&channel) {
            return error(Why::Blocked);
        }
        let (job, outcome) = job::<C, R>(ask);
        if !channel.send(job) {
            return error(Why::Ended);
        }
        match outcome.blocking_recv() {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => error(Why::Ended),
        }
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Current").finish_non_exhaustive()
    }
}
