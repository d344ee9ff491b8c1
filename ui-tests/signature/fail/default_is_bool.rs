//! The default is true or false and the parameter a number.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default(true)] limit: u32) -> u32 {
    limit
}

fn main() {}
