//! What a tool fails with is no error.
use quilt_scope::scoped_tool;

pub struct Failed(pub u32);

/// Counts.
#[scoped_tool]
pub fn count(limit: u32) -> Result<u32, Failed> {
    Err(Failed(limit))
}

fn main() {}
