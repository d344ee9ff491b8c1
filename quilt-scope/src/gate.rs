//! What stands before a slot so that it is built once: as little as its constructor needs.

use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::time::Instant;

use parking_lot::Mutex;

use crate::queue::{Queue, Turn};

/// What keeps a second asker from building the same slot.
#[doc(hidden)]
pub trait Gate: Default + Send + Sync {
    type Stamp: Stamp;

    /// The turn to build synchronously, once nobody else does. None of what is built asynchronously, while somebody builds it.
    fn wait(&self) -> Option<impl Sized>;

    /// The turn to build asynchronously, or the task is woken when it is free.
    #[inline]
    fn poll_turn(&self, _: &Context<'_>) -> Poll<Turn<'_>> {
        Poll::Ready(Turn::for_everybody())
    }
}

/// Synchronous: builders take turns. A lock of one byte, for every slot has one.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Turnstile(Mutex<()>);

/// The gate of a service that also tidies up when its scope closes.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Closing<G>(G);

impl Gate for Turnstile {
    type Stamp = ();
    #[inline]
    fn wait(&self) -> Option<impl Sized> {
        Some(self.0.lock())
    }
}

impl Gate for Queue {
    type Stamp = ();
    fn wait(&self) -> Option<impl Sized> {
        self.turn()
    }
    #[inline]
    fn poll_turn(&self, cx: &Context<'_>) -> Poll<Turn<'_>> {
        Self::poll_turn(self, cx)
    }
}

impl<G: Gate> Gate for Closing<G> {
    type Stamp = OnceLock<Instant>;
    #[inline]
    fn wait(&self) -> Option<impl Sized> {
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
