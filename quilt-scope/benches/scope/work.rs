//! What every service owns and does, whoever builds it.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What every service owns.
pub(crate) struct State {
    bytes: [u8; 64],
    text: String,
}

impl State {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { bytes: black_box([7; 64]), text: String::from(black_box("twenty-four bytes of it.")) }
    }

    #[inline]
    pub(crate) fn read(&self) -> usize {
        usize::from(self.bytes[black_box(3)]) + self.text.len()
    }
}

/// Polls once what does not have to wait, so that no executor is measured.
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    let future = pin!(future);
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it had to wait"),
    }
}
