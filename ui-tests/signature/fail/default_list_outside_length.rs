//! The default would be refused.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default(vec![1, 2, 3])] #[length(1..=2)] names: Vec<u32>) -> bool {
    drop(names);
    true
}

fn main() {}
