//! The default is below zero and the parameter cannot be.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default(-1)] limit: u32) -> u32 {
    limit
}

fn main() {}
