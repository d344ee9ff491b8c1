//! A client could neither be told what to give, nor could it be read.
use quilt_scope::scoped_tool;

pub struct Limit(pub u32);

/// Counts.
#[scoped_tool]
pub fn count(limit: Limit) -> u32 {
    limit.0
}

fn main() {}
