//! The default has a fraction and the parameter cannot.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default(1.5)] limit: u32) -> u32 {
    limit
}

fn main() {}
