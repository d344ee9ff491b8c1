//! A pattern is not in quotes.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[pattern(7)] name: String) -> usize {
    name.len()
}

fn main() {}
