//! The range begins with its larger end.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[range(1000..=1)] limit: u32) -> u32 {
    limit
}

fn main() {}
