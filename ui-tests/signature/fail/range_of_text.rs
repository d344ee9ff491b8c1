//! A text has a range.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[range(1..=9)] name: String) -> usize {
    name.len()
}

fn main() {}
