//! Nothing has fewer than no characters.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[length(-1..=9)] name: String) -> bool {
    drop(name);
    true
}

fn main() {}
