//! Two tables name one scope, and only one can be the one whose tools messages name.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Clock {
    pub now: u64,
}

#[service]
impl Clock {
    pub fn new() -> Self {
        Self { now: 0 }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    clock: Slot<Clock>,
}

/// When.
#[scoped_tool(read_only)]
pub fn when(clock: &Clock) -> u64 {
    clock.now
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: when]
}

pub fn others() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: when]
}

fn main() {}
