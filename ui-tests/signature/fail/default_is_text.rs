//! The default is a text and the parameter a number.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default("ten")] limit: u32) -> u32 {
    limit
}

fn main() {}
