//! The input has a schema, but cannot be read.
use quilt_scope::scoped_tool;

#[derive(schemars::JsonSchema)]
pub struct Limit(u32);

/// Counts.
#[scoped_tool(read_only)]
pub fn count(limit: Limit) -> u32 {
    limit.0
}

fn main() {}
