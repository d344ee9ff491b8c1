//! A service that is there already, or will be.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::ScopeError;

/// A boxed future that may be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a scope answers when it is asked for a service: the service, or a future of it.
///
/// One concrete type rather than `impl Future`, for two reasons. A synchronous service is handed over without an
/// allocation and without a poll. And opaque futures in a trait make `Send` checking fail in code that is generic over
/// the scope (rust-lang/rust#100013).
#[must_use = "an asynchronous service is built only when this is awaited, and a failure is seen only then"]
pub struct Ready<'req, T>(pub(crate) State<'req, T>);

/// What of it is there.
pub(crate) enum State<'req, T> {
    Now(T),
    Failed(ScopeError),
    Later(BoxFuture<'req, Result<T, ScopeError>>),
    Taken,
}

// The value is moved out when it is ready and never pinned, so it may be of any type.
impl<T> Unpin for Ready<'_, T> {}

impl<'req, T> Ready<'req, T> {
    /// An answer that is there already.
    #[inline]
    pub const fn now(value: T) -> Self {
        Self(State::Now(value))
    }

    /// A failure that is known already.
    #[inline]
    pub const fn failed(error: ScopeError) -> Self {
        Self(State::Failed(error))
    }

    /// An answer that has to be awaited.
    #[inline]
    pub fn later(future: impl Future<Output = Result<T, ScopeError>> + Send + 'req) -> Self {
        Self(State::Later(Box::pin(future)))
    }

    /// The answer if it is there without waiting, else the future again.
    ///
    /// # Errors
    ///
    /// The future, when the service is still to be built asynchronously.
    #[inline]
    pub fn try_now(self) -> Result<Result<T, ScopeError>, Self> {
        match self.0 {
            State::Now(value) => Ok(Ok(value)),
            State::Failed(error) => Ok(Err(error)),
            state => Err(Self(state)),
        }
    }

    /// The same answer through `map`.
    #[inline]
    pub fn map<U>(self, map: impl FnOnce(T) -> U + Send + 'req) -> Ready<'req, U>
    where
        T: 'req,
        U: 'req,
    {
        match self.0 {
            State::Now(value) => Ready::now(map(value)),
            State::Failed(error) => Ready::failed(error),
            State::Later(future) => Ready::later(async move { future.await.map(map) }),
            State::Taken => Ready(State::Taken),
        }
    }
}

impl<'req, T: ?Sized> Ready<'req, &'req T> {
    /// The same answer for a shorter time: what a child scope sees of its parent.
    #[inline]
    pub fn shorten<'child>(self) -> Ready<'child, &'child T>
    where
        'req: 'child,
    {
        match self.0 {
            State::Now(service) => Ready::now(service),
            State::Failed(error) => Ready::failed(error),
            State::Later(future) => {
                Ready::later(async move { future.await.map(|service| -> &'child T { service }) })
            }
            State::Taken => Ready(State::Taken),
        }
    }
}

impl<T> Future for Ready<'_, T> {
    type Output = Result<T, ScopeError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let State::Later(future) = &mut this.0 {
            return future.as_mut().poll(cx);
        }
        match std::mem::replace(&mut this.0, State::Taken) {
            State::Now(value) => Poll::Ready(Ok(value)),
            State::Failed(error) => Poll::Ready(Err(error)),
            State::Later(_) | State::Taken => panic!("`Ready` polled after completion"),
        }
    }
}
