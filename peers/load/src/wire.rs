//! A network between S3 and the server, for figures that are not of this machine's memory.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::time::{Instant, sleep_until};

/// What is sent in one go: some milliseconds of it, since tokio's clock has no finer ones.
const PIECE: usize = 1 << 20;

/// Carries so many bits a second, whoever sends them, one after the other.
pub(crate) struct Wire {
    bits_a_second: f64,
    /// When all that was given to it has been carried.
    free: Mutex<Instant>,
}

impl Wire {
    pub(crate) fn of_gigabits(gigabits: f64) -> Self {
        Self { bits_a_second: gigabits * 1e9, free: Mutex::new(Instant::now()) }
    }

    /// `bytes`, as they come out at the other end.
    pub(crate) fn carry(self: Arc<Self>, bytes: Bytes) -> Body {
        Body::from_stream(stream::unfold((self, bytes), |(wire, mut rest)| async move {
            if rest.is_empty() {
                return None;
            }
            let piece = rest.split_to(rest.len().min(PIECE));
            sleep_until(wire.carried(piece.len())).await;
            Some((Ok::<_, Infallible>(piece), (wire, rest)))
        }))
    }

    /// When so many bytes will have been carried, which are given to it now.
    fn carried(&self, bytes: usize) -> Instant {
        let takes = Duration::from_secs_f64(bytes as f64 * 8.0 / self.bits_a_second);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free = (*free).max(Instant::now()) + takes;
        *free
    }
}
