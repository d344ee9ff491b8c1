//! A type that is neither a text nor a list.
use quilt_scope::scoped_tool;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Page {
    pub number: u32,
}

/// Counts.
#[scoped_tool]
pub fn count(#[length(1..=9)] page: Page) -> u32 {
    page.number
}

fn main() {}
