//! The default is refused by the range.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default(0)] #[range(1..=1000)] limit: u32) -> u32 {
    limit
}

fn main() {}
