//! A number has a range.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[length(1..=9)] limit: u32) -> bool {
    drop(limit);
    true
}

fn main() {}
