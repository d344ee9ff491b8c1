//! A tool holds a lock while it waits.
use std::sync::{Mutex, PoisonError};

use quilt_scope::{scoped_tool, service};

pub struct Counter {
    pub count: Mutex<u32>,
}

#[service]
impl Counter {
    pub fn new() -> Self {
        Self { count: Mutex::new(0) }
    }
}

/// Counts.
#[scoped_tool]
pub async fn count(counter: &Counter) -> u32 {
    let mut count = counter.count.lock().unwrap_or_else(PoisonError::into_inner);
    tokio::task::yield_now().await;
    *count += 1;
    *count
}

fn main() {}
