//! A typing mistake in a parameter attribute.
use quilt_scope::scoped_tool;

/// Does it.
#[scoped_tool]
pub fn count(#[defualt(3)] limit: u32) -> u32 {
    limit
}

fn main() {}
