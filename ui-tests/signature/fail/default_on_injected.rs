//! A default for what a client never gives.
use quilt_scope::scoped_tool;

pub struct Cache(pub u32);

/// Does it.
#[scoped_tool]
pub fn count(#[default(3)] cache: &Cache) -> u32 {
    cache.0
}

fn main() {}
