//! A pattern is no regular expression.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[pattern("^[a-z$")] name: String) -> usize {
    name.len()
}

fn main() {}
