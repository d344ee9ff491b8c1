//! A tool asks for what the scope does not provide.
use quilt_scope::{Scope, ToolSet, scoped_tool, tool_set};

pub struct Clock {
    pub now: u64,
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

/// What time it is.
#[scoped_tool(read_only)]
pub fn time(clock: &Clock) -> u64 {
    clock.now
}

/// Adds.
#[scoped_tool(read_only)]
pub fn add(left: u64, right: u64) -> u64 {
    left + right
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![add, time]
}

fn main() {}
