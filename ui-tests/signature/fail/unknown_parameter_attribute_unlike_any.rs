//! A parameter attribute that there is not, and none like it.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[cached] limit: u32) -> u32 {
    limit
}

fn main() {}
