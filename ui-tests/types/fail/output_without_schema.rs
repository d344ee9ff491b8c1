//! A client could not be told what it gets.
use quilt_scope::scoped_tool;

#[derive(serde::Serialize)]
pub struct Count(u32);

/// Counts.
#[scoped_tool]
pub fn count(limit: u32) -> Count {
    Count(limit)
}

fn main() {}
