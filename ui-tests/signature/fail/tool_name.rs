//! A name that some clients refuse.
use quilt_scope::scoped_tool;

/// Does it.
#[scoped_tool(name = "count.things")]
pub fn count(limit: u32) -> u32 {
    limit
}

fn main() {}
