//! A tool has two structs that are its whole input.
use quilt_scope::scoped_tool;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Search {
    limit: u32,
}

/// Counts.
#[scoped_tool]
pub fn count(#[params] search: Search, #[params] page: Search) -> u32 {
    search.limit + page.limit
}

fn main() {}
