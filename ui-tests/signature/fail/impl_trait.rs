//! A tool takes `impl Trait`.
use quilt_scope::scoped_tool;

/// Does it.
#[scoped_tool]
pub fn count(limit: impl Into<u64>) -> u64 {
    limit.into()
}

fn main() {}
