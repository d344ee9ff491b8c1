//! What cannot change threads may be used where nothing waits.
use std::rc::Rc;

use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool(read_only)]
pub async fn count(limit: u32) -> u32 {
    let doubled = {
        let shared = Rc::new(limit);
        *shared * 2
    };
    tokio::task::yield_now().await;
    doubled
}

fn main() {}
