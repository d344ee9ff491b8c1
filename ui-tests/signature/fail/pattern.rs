//! A parameter has no name that a client could give.
use quilt_scope::scoped_tool;

/// Does it.
#[scoped_tool]
pub fn count((from, to): (u32, u32)) -> u32 {
    to - from
}

fn main() {}
