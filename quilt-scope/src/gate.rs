//! What stands before a slot so that it is built once: as little as its constructor needs.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use crate::queue::{Queue, Turn};

/// What keeps a second asker from building the same slot.
#[doc(hidden)]
pub trait Gate: Default + Send + Sync {
    type Stamp: Stamp;

    /// Waits for the turn to build synchronously.
    #[inline]
    fn wait(&self) -> impl Sized {}

    /// The turn to build asynchronously, or the task is woken when it is free.
    #[inline]
    fn poll_turn(&self, _: &Context<'_>) -> Poll<Turn<'_>> {
        Poll::Ready(Turn::for_everybody())
    }
}

/// Synchronous and infallible: `OnceLock` alone is enough.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Open;

/// Synchronous and fallible: a failure must not fill the slot, so builders take turns.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Turnstile(Mutex<()>);

/// The gate of a service that also tidies up when its scope closes.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Closing<G>(G);

impl Gate for Open {
    type Stamp = ();
}

impl Gate for Turnstile {
    type Stamp = ();
    fn wait(&self) -> impl Sized {
        // A constructor that panicked left nothing behind, so there is nothing to distrust.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate for Queue {
    type Stamp = ();
    #[inline]
    fn poll_turn(&self, cx: &Context<'_>) -> Poll<Turn<'_>> {
        Self::poll_turn(self, cx)
    }
}

impl<G: Gate> Gate for Closing<G> {
    type Stamp = OnceLock<Instant>;
    fn wait(&self) -> impl Sized {
        self.0.wait()
    }
    #[inline]
    fn poll_turn(&self, cx: &Context<'_>) -> Poll<Turn<'_>> {
        self.0.poll_turn(cx)
    }
}

/// Remembers when a service was built, if anybody will ask.
#[doc(hidden)]
pub trait Stamp: Default + Send + Sync {
    fn mark(&self);
    fn read(&self) -> Option<Instant>;
}

impl Stamp for () {
    #[inline]
    fn mark(&self) {}
    fn read(&self) -> Option<Instant> {
        None
    }
}

impl Stamp for OnceLock<Instant> {
    fn mark(&self) {
        let _ = self.set(Instant::now());
    }
    fn read(&self) -> Option<Instant> {
        self.get().copied()
    }
}
