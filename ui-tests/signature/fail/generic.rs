//! A tool is generic: a client could not say over what.
use quilt_scope::scoped_tool;

/// Does it.
#[scoped_tool]
pub fn count<T: Into<u64>>(limit: T) -> u64 {
    limit.into()
}

fn main() {}
