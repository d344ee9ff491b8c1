//! Lets asynchronous builders of one slot in, one after the other.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

const FREE: u8 = 0;
const TAKEN: u8 = 1;
/// Taken, and somebody stands in the line.
const AWAITED: u8 = 2;

/// Who comes first builds; the others are woken together when it is done, for then there is mostly something to take.
///
/// Most are alone, and for them it is one exchange on the way in and one on the way out. It works on any executor, and
/// one that is dropped, building or waiting, keeps nobody out.
#[derive(Debug, Default)]
pub struct Queue {
    state: AtomicU8,
    line: Mutex<Vec<Waker>>,
}

/// Being the one that builds. Whoever drops it lets the next in.
#[derive(Debug)]
pub struct Turn<'q>(Option<&'q Queue>);

impl Turn<'_> {
    /// Where all may build at once.
    pub(crate) const fn for_everybody() -> Self {
        Self(None)
    }
}

impl Queue {
    /// The turn, if it is free; otherwise the task is woken when it is.
    #[inline]
    pub(crate) fn poll_turn(&self, cx: &Context<'_>) -> Poll<Turn<'_>> {
        match self.turn() {
            Some(turn) => Poll::Ready(turn),
            None => self.stand_in_line(cx.waker()),
        }
    }

    /// The turn, if it is free.
    #[inline]
    pub(crate) fn turn(&self) -> Option<Turn<'_>> {
        let taken = self.state.compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed);
        taken.is_ok().then(|| Turn(Some(self)))
    }

    #[cold]
    fn stand_in_line(&self, waker: &Waker) -> Poll<Turn<'_>> {
        // Locked before the state is changed: whoever leaves after that finds the waker, and who left before it is seen here.
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if self.state.swap(AWAITED, Ordering::Acquire) == FREE {
            return Poll::Ready(Turn(Some(self)));
        }
        if !line.iter().any(|standing| standing.will_wake(waker)) {
            line.push(waker.clone());
        }
        Poll::Pending
    }

    #[cold]
    fn wake_the_line(&self) {
        let line = std::mem::take(&mut *self.line.lock().unwrap_or_else(PoisonError::into_inner));
        line.into_iter().for_each(Waker::wake);
    }
}

impl Drop for Turn<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(queue) = self.0
            && queue.state.swap(FREE, Ordering::Release) == AWAITED
        {
            queue.wake_the_line();
        }
    }
}

#[cfg(test)]
mod tests;
