//! A tool returns nothing.
use quilt_scope::scoped_tool;

/// Does it.
#[scoped_tool]
pub fn count(limit: u32) {
    let _ = limit;
}

fn main() {}
