//! A client could not be told what to give.
use quilt_scope::scoped_tool;

#[derive(schemars::JsonSchema, serde::Deserialize)]
pub struct Page(u32);

#[derive(serde::Deserialize)]
pub struct Limit(u32);

/// Counts.
#[scoped_tool]
pub fn count(limit: Limit, page: Page) -> u32 {
    limit.0 * page.0
}

fn main() {}
