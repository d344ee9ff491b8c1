//! An option is none.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool(cached)]
pub fn count(limit: u32) -> u32 {
    limit
}

fn main() {}
