//! A form that other crates have.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[length(min = 1, max = 9)] name: String) -> bool {
    drop(name);
    true
}

fn main() {}
