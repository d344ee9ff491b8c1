//! A length without ends.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[length] name: String) -> usize {
    name.len()
}

fn main() {}
