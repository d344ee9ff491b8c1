//! The range has one end.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[range(1..)] limit: u32) -> u32 {
    limit
}

fn main() {}
