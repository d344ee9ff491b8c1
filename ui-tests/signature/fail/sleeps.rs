//! An asynchronous tool puts its thread to sleep.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub async fn count(limit: u32) -> u32 {
    std::thread::sleep(std::time::Duration::from_secs(1));
    limit
}

fn main() {}
