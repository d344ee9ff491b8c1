//! What nobody builds is given when the scope opens.
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
    #[scope(seed)]
    clock: Clock,
}

/// What time it is.
#[scoped_tool(read_only)]
pub fn time(clock: &Clock) -> u64 {
    clock.now
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![time]
}

pub fn open(app: &App) -> RequestScope<'_> {
    RequestScope::open(app, Clock { now: 0 })
}

fn main() {}
