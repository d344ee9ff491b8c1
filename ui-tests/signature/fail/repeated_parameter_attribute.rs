//! A parameter has two defaults.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default(3)] #[default(4)] limit: u32) -> u32 {
    limit
}

fn main() {}
