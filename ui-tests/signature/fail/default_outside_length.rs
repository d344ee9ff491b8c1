//! The default would be refused.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default(String::new())] #[length(1..=9)] name: String) -> bool {
    drop(name);
    true
}

fn main() {}
