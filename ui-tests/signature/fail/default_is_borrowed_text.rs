//! The default of a `String` is a literal.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default("ten")] limit: String) -> usize {
    limit.len()
}

fn main() {}
