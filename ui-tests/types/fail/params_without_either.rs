//! A struct that is the whole input, and could neither be read nor described.
use quilt_scope::scoped_tool;

pub struct Search {
    pub words: String,
}

/// Searches.
#[scoped_tool]
pub fn search(#[params] search: Search) -> usize {
    search.words.len()
}

fn main() {}
