//! A tool holds something across an await that cannot go to another thread.
use std::rc::Rc;

use quilt_scope::scoped_tool;

/// Counts slowly.
#[scoped_tool]
pub async fn count(limit: u32) -> u32 {
    let shared = Rc::new(limit);
    tokio::task::yield_now().await;
    *shared
}

fn main() {}
