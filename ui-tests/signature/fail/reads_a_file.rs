//! An asynchronous tool reads a file while its thread waits.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub async fn count(name: String) -> usize {
    std::fs::read(name).map_or(0, |text| text.len())
}

fn main() {}
