//! What a tool asks for is provided, and what that needs too, but not what that needs.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Clock {
    pub now: u64,
}

pub struct Auth<'req> {
    pub clock: &'req Clock,
}

#[service]
impl<'req> Auth<'req> {
    pub fn new(clock: &'req Clock) -> Self {
        Self { clock }
    }
}

pub struct Permissions<'req> {
    pub auth: &'req Auth<'req>,
}

#[service]
impl<'req> Permissions<'req> {
    pub fn new(auth: &'req Auth<'req>) -> Self {
        Self { auth }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    permissions: Slot<Permissions<'req>>,
    auth: Slot<Auth<'req>>,
}

/// Since when.
#[scoped_tool(read_only)]
pub fn since(permissions: &Permissions<'_>) -> u64 {
    permissions.auth.clock.now
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: since]
}

fn main() {}
