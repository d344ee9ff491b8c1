//! A number has a pattern.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[pattern("^[0-9]$")] limit: u32) -> u32 {
    limit
}

fn main() {}
