//! A tool wants its service for itself.
use quilt_scope::scoped_tool;

pub struct Cache(u32);

/// Counts.
#[scoped_tool]
pub fn count(cache: &mut Cache, limit: u32) -> u32 {
    cache.0 + limit
}

fn main() {}
