//! A default that is none.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default] limit: u32) -> u32 {
    limit
}

fn main() {}
