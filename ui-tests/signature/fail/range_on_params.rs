//! What is said of one input is said of the whole.
use quilt_scope::scoped_tool;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Page {
    pub number: u32,
}

/// Counts.
#[scoped_tool]
pub fn count(#[params] #[length(1..=9)] page: Page) -> u32 {
    page.number
}

fn main() {}
