//! A tool has no name.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool(name = "")]
pub fn count(limit: u32) -> u32 {
    limit
}

fn main() {}
