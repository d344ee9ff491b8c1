//! A name is not in quotes.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool(name = 7)]
pub fn count(limit: u32) -> u32 {
    limit
}

fn main() {}
