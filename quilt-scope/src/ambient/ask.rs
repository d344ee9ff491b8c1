//! Asking, and waiting for the answer.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use tokio::sync::oneshot;

use super::channel::{Channel, Job, Outcome, job};
use super::error::{AmbientError, Why};
use super::{here, name_of};
use crate::ScopeError;
use crate::ready::BoxFuture;
use crate::scope::{Container, SharedScope};

/// How often an ask may be polled without the owner of the scope having had a turn. Combinators poll again a few times
/// before they give way; an executor that blocks inside the owner's poll does so for ever.
const PATIENCE: u32 = 64;

/// Runs `ask` with the scope of the request that this is called in. The request is found at the call, not at the first
/// poll: a future that is then moved to another request asks neither.
///
/// # Errors
///
/// When awaited: no request is open here, it has ended, or it waits for this very answer. See [`AmbientError`].
///
/// # Panics
///
/// When awaited, with what `ask` panicked with.
pub fn with<C: Container, R: Send + 'static>(
    ask: impl for<'r> FnOnce(&'r C::Scope<'r>) -> BoxFuture<'r, R> + Send + 'static,
) -> BoxFuture<'static, Result<R, AmbientError>>
where
    for<'r> C::Scope<'r>: SharedScope,
{
    Box::pin(Ask::<C, R>::new(name_of::<C>(), ask))
}

/// The same about one service, for messages that name it.
#[doc(hidden)]
pub fn with_service<C: Container, R: Send + 'static>(
    service: &'static str,
    ask: impl for<'r> FnOnce(&'r C::Scope<'r>) -> BoxFuture<'r, Result<R, ScopeError>> + Send + 'static,
) -> BoxFuture<'static, Result<R, AmbientError>>
where
    for<'r> C::Scope<'r>: SharedScope,
{
    let asked = Ask::<C, _>::new(service.split('<').next().unwrap_or(service), ask);
    Box::pin(asked.map(|answer| answer?.map_err(AmbientError::service)))
}

/// The answer to [`with`], on its way.
struct Ask<C: Container, R> {
    wanted: &'static str,
    channel: Option<Arc<Channel<C>>>,
    job: Option<Job<C>>,
    outcome: oneshot::Receiver<Outcome<R>>,
    waited: Waited,
}

/// What is known of the owner's turns.
#[derive(Clone, Copy)]
enum Waited {
    /// The owner has not had a turn since it had this many.
    Since { turns: u64, polls: u32 },
    /// It has had one, so it is not this thread that keeps it from answering.
    Served,
}

impl<C: Container, R: Send + 'static> Ask<C, R> {
    fn new(
        wanted: &'static str,
        ask: impl for<'r> FnOnce(&'r C::Scope<'r>) -> BoxFuture<'r, R> + Send + 'static,
    ) -> Self
    where
        for<'r> C::Scope<'r>: SharedScope,
    {
        let (job, outcome) = job::<C, R>(ask);
        let channel = here::channel::<C>();
        let turns = channel.as_ref().map_or(0, |channel| channel.turns());
        Self { wanted, channel, job: Some(job), outcome, waited: Waited::Since { turns, polls: 0 } }
    }

    fn error(&self, why: Why) -> AmbientError {
        AmbientError::new(self.wanted, name_of::<C>(), why)
    }

    /// Whether the owner cannot answer, because this thread, which it is polled on, does not come back to it.
    fn is_blocked(&mut self, channel: &Arc<Channel<C>>, cx: &Context<'_>) -> bool {
        let Waited::Since { turns, polls } = self.waited else { return false };
        if !here::owner_is_below(channel) || channel.turns() != turns {
            self.waited = Waited::Served;
            return false;
        }
        self.waited = Waited::Since { turns, polls: polls + 1 };
        // To look again: the owner's turn comes before that, unless it cannot come at all.
        cx.waker().wake_by_ref();
        polls >= PATIENCE
    }
}

impl<C: Container, R: Send + 'static> Future for Ask<C, R> {
    type Output = Result<R, AmbientError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some(channel) = this.channel.clone() else { return Poll::Ready(Err(this.error(Why::Outside))) };
        if let Some(job) = this.job.take() {
            if !here::channel::<C>().is_some_and(|here| Arc::ptr_eq(&here, &channel)) {
                return Poll::Ready(Err(this.error(Why::Outside)));
            }
            if !channel.send(job) {
                return Poll::Ready(Err(this.error(Why::Ended)));
            }
        }
        match Pin::new(&mut this.outcome).poll(cx) {
            Poll::Ready(Ok(Ok(answer))) => Poll::Ready(Ok(answer)),
            Poll::Ready(Ok(Err(panic))) => resume_unwind(panic),
            Poll::Ready(Err(_)) => Poll::Ready(Err(this.error(Why::Ended))),
            Poll::Pending if this.is_blocked(&channel, cx) => Poll::Ready(Err(this.error(Why::Blocked))),
            Poll::Pending => Poll::Pending,
        }
    }
}
