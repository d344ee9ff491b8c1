//! A word is given a value.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool(read_only = true)]
pub fn count(limit: u32) -> u32 {
    limit
}

fn main() {}
