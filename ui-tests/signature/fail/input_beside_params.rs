//! A value stands beside the struct that is the whole input.
use quilt_scope::scoped_tool;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Search {
    words: u32,
}

/// Does it.
#[scoped_tool]
pub fn count(#[params] search: Search, limit: u32) -> u32 {
    search.words + limit
}

fn main() {}
