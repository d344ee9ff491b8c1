//! A tool has a name with a space.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool(name = "count things")]
pub fn count(limit: u32) -> u32 {
    limit
}

fn main() {}
