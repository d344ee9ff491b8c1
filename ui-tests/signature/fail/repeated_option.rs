//! An option is given twice.
use quilt_scope::scoped_tool;

/// Does it.
#[scoped_tool(read_only, idempotent, read_only)]
pub fn count(limit: u32) -> u32 {
    limit
}

fn main() {}
