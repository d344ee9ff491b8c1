//! Blocking work is done where it blocks nobody.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool(read_only)]
pub async fn count(name: String) -> usize {
    tokio::task::spawn_blocking(move || std::fs::read(name).map_or(0, |text| text.len())).await.unwrap_or(0)
}

/// Waits.
#[scoped_tool(read_only)]
pub async fn wait() -> u32 {
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    0
}

fn main() {}
