//! A body on its way, and after it the services that tidy up.
//!
//! Written by hand, for of what `run` would otherwise return the compiler asks all that it asks of `run`: whoever gave it a body that cannot
//! change threads was told so at the body, at the call, and at its `.await`.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::vec;

use pin_project_lite::pin_project;

use crate::observer::{EndedBy, ScopeEnd, ScopeObserver};
use crate::ready::BoxFuture;
use crate::scope::{End, SharedScope, Unclosed, in_closing_order};

pin_project! {
    /// A body that [`run`](crate::run) runs. Does nothing unless it is polled.
    #[must_use = "a body does not run unless it is awaited"]
    pub struct Running<'req, S, F, P>
    where
        F: Future,
    {
        #[pin]
        body: Option<F>,
        #[pin]
        stop: Option<P>,
        end: Option<End<F::Output>>,
        closing: Option<Closing<'req>>,
        scope: &'req S,
    }
}

impl<'req, S, F: Future, P> Running<'req, S, F, P> {
    pub(crate) fn new(scope: &'req S, body: F, stop: P) -> Self {
        Self { body: Some(body), stop: Some(stop), end: None, closing: None, scope }
    }
}

impl<S, F, P> Future for Running<'_, S, F, P>
where
    S: SharedScope,
    F: Future,
    P: Future<Output = ()>,
{
    type Output = End<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let scope = *this.scope;
        let closing = match this.closing {
            Some(closing) => closing,
            None => {
                let body = this.body.as_mut().as_pin_mut().expect("not polled after completion");
                let stop = this.stop.as_mut().as_pin_mut().expect("not polled after completion");
                let end = match catch_unwind(AssertUnwindSafe(|| until(body, stop, cx))) {
                    Ok(end) => ready!(end),
                    Err(panic) => End::Panicked(panic),
                };
                // A body that panics when it is dropped, or a `stop` that does, must not keep the scope from closing.
                let dropped = catch_unwind(AssertUnwindSafe(|| {
                    this.stop.set(None);
                    this.body.set(None);
                }));
                *this.end = Some(dropped.map_or_else(End::Panicked, |()| end));
                this.closing.insert(Closing::of(scope))
            }
        };
        ready!(closing.poll(cx));
        let end = this.end.take().expect("not polled after completion");
        let by = match &end {
            End::Finished(_) => EndedBy::Finished,
            End::Stopped => EndedBy::Stopped,
            End::Panicked(_) => EndedBy::Panicked,
        };
        scope.observer().closed(&ScopeEnd { scope: S::GRAPH.scope, by, lived: Duration::ZERO, built: 0 });
        Poll::Ready(end)
    }
}

/// How the body ended, or that `stop` is ready first.
fn until<F: Future, P: Future<Output = ()>>(
    body: Pin<&mut F>,
    stop: Pin<&mut P>,
    cx: &mut Context<'_>,
) -> Poll<End<F::Output>> {
    // The body first: a result that is there already is not thrown away.
    match body.poll(cx) {
        Poll::Ready(result) => Poll::Ready(End::Finished(result)),
        Poll::Pending => stop.poll(cx).map(|()| End::Stopped),
    }
}

/// Services that tidy up one after the other. One that panics does not keep the others from it.
pub(crate) struct Closing<'s> {
    current: Option<BoxFuture<'s, ()>>,
    rest: vec::IntoIter<Unclosed<'s>>,
}

impl<'s> Closing<'s> {
    pub(crate) fn of<S: SharedScope>(scope: &'s S) -> Self {
        let mut unclosed = Vec::new();
        scope.unclosed(&mut unclosed);
        Self { current: None, rest: in_closing_order(S::GRAPH, unclosed).into_iter() }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(current) = &mut self.current {
                let polled = catch_unwind(AssertUnwindSafe(|| current.as_mut().poll(cx)));
                if let Ok(Poll::Pending) = polled {
                    return Poll::Pending;
                }
                let done = self.current.take();
                let _ = catch_unwind(AssertUnwindSafe(|| drop(done)));
            }
            let Some(next) = self.rest.next() else { return Poll::Ready(()) };
            self.current = catch_unwind(AssertUnwindSafe(next.close)).ok();
        }
    }
}

impl Future for Closing<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.get_mut().poll(cx)
    }
}
