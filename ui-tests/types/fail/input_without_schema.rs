//! A client could not be told what to give.
use quilt_scope::scoped_tool;

#[derive(serde::Deserialize)]
pub struct Limit(u32);

/// Counts.
#[scoped_tool]
pub fn count(limit: Limit) -> u32 {
    limit.0
}

fn main() {}
