//! What the tests watch with: a journal that constructors, drops and closings write to, doors that they stand before, and
//! futures polled by hand.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::sync::Semaphore;

/// Notes in the order in which they were made. Clones write to one journal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub(crate) fn note(&self, text: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.into());
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A value that notes when it is dropped. Owned by a service, since one that borrows cannot have a `Drop` of its own.
    pub(crate) fn on_drop(&self, text: &'static str) -> Dropped {
        Dropped { journal: self.clone(), text }
    }
}

pub(crate) struct Dropped {
    journal: Journal,
    text: &'static str,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.journal.note(self.text);
    }
}

/// Holds back whoever passes until it is opened, once for each.
#[derive(Debug)]
pub(crate) struct Door(Semaphore);

impl Door {
    pub(crate) fn closed() -> Self {
        Self(Semaphore::new(0))
    }

    pub(crate) async fn pass(&self) {
        self.0.acquire().await.expect("a door is never taken away").forget();
    }

    pub(crate) fn open_for(&self, how_many: usize) {
        self.0.add_permits(how_many);
    }
}

/// Counts how often a future asked to be polled again.
#[derive(Default)]
pub(crate) struct Woken(AtomicUsize);

impl Woken {
    pub(crate) fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Polls once.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls once; `woken` hears when it wants to be polled again.
pub(crate) fn poll_woken<F: Future + Unpin>(future: &mut F, woken: &Arc<Woken>) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(&Waker::from(Arc::clone(woken))))
}

/// What a future gives that does not have to wait.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match poll_once(&mut future) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it had to wait"),
    }
}
