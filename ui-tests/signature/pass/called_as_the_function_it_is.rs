//! A tool stays a function that anybody may call.
use quilt_scope::{scoped_tool, service};

pub struct Cache(u32);

#[service]
impl Cache {
    pub fn new() -> Self {
        Self(1)
    }
}

/// Counts.
#[scoped_tool]
pub fn count(cache: &Cache, limit: u32) -> u32 {
    cache.0 + limit
}

pub fn by_hand() -> u32 {
    count(&Cache::new(), 2)
}

fn main() {}
