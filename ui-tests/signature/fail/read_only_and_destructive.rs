//! Two hints contradict each other.
use quilt_scope::scoped_tool;

/// Does it.
#[scoped_tool(read_only, destructive)]
pub fn count(limit: u32) -> u32 {
    limit
}

fn main() {}
