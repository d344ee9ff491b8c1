//! The smaller end comes last.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[length(9..=1)] name: String) -> bool {
    drop(name);
    true
}

fn main() {}
