//! An option is misspelt.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool(readonly)]
pub fn count(limit: u32) -> u32 {
    limit
}

fn main() {}
