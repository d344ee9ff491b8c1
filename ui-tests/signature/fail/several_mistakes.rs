//! Three independent mistakes are three errors, and nothing else turns red.
use quilt_scope::scoped_tool;

pub struct Cache;

/// Counts.
#[scoped_tool(readonly)]
pub fn count(cache: &mut Cache, #[range(1..10)] limit: u32) -> u32 {
    limit
}

pub fn elsewhere(cache: &mut Cache) -> u32 {
    count(cache, 3)
}

fn main() {}
