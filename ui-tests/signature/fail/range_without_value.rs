//! A range without ends.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[range] limit: u32) -> u32 {
    limit
}

fn main() {}
