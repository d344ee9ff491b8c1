//! A limit with one end.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[length(1..)] name: String) -> bool {
    drop(name);
    true
}

fn main() {}
