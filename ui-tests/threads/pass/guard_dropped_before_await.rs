//! A lock is let go before the tool waits, and an asynchronous one may be held.
use std::sync::{Mutex, PoisonError};

use quilt_scope::{scoped_tool, service};

pub struct Counter {
    pub count: Mutex<u32>,
    pub queue: tokio::sync::Mutex<u32>,
}

#[service]
impl Counter {
    pub fn new() -> Self {
        Self { count: Mutex::new(0), queue: tokio::sync::Mutex::new(0) }
    }
}

/// Counts.
#[scoped_tool]
pub async fn count(counter: &Counter) -> u32 {
    let count = *counter.count.lock().unwrap_or_else(PoisonError::into_inner);
    tokio::task::yield_now().await;
    let mut waiting = counter.queue.lock().await;
    tokio::task::yield_now().await;
    *waiting += count;
    *waiting
}

fn main() {}
