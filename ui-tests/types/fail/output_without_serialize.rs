//! The result could not be sent.
use quilt_scope::scoped_tool;

#[derive(schemars::JsonSchema)]
pub struct Count(u32);

/// Counts.
#[scoped_tool]
pub fn count(limit: u32) -> Count {
    Count(limit)
}

fn main() {}
