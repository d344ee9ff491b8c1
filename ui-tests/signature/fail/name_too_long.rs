//! A tool has a name that is too long.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool(name = "count_all_the_things_that_are_in_this_bucket_and_in_every_other_bucket")]
pub fn count(limit: u32) -> u32 {
    limit
}

fn main() {}
