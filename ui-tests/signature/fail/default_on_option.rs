//! What defaults to nothing has another default.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default(Some(3))] limit: Option<u32>) -> u32 {
    limit.unwrap_or(0)
}

fn main() {}
