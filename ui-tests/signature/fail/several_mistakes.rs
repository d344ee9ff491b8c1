//! Three independent mistakes are three errors, and nothing else turns red.
use quilt_scope::{Scope, ToolSet, scoped_tool, tool_set};

pub struct Cache(pub u32);

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

/// Counts.
#[scoped_tool(readonly)]
pub fn count(cache: &mut Cache, #[range(1..10)] limit: u32) -> u32 {
    cache.0 + limit
}

pub fn elsewhere(cache: &mut Cache) -> u32 {
    count(cache, 3)
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![count]
}

fn main() {}
