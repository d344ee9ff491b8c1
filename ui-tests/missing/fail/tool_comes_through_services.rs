//! A service lacks something, and tools come to it: one through another service, one directly, and the first not at all.
use quilt_scope::{Lazy, Scope, Slot, ToolSet, scoped_tool, service, tool_set};

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

/// Adds.
#[scoped_tool(read_only)]
pub fn add(left: u32, right: u32) -> u32 {
    left + right
}

/// Since when.
#[scoped_tool(read_only)]
pub async fn since(permissions: Lazy<'_, Permissions<'_>>) -> Option<u64> {
    permissions.get().await.ok().map(|permissions| permissions.auth.clock.now)
}

/// When.
#[scoped_tool(read_only)]
pub fn when(auth: &Auth<'_>) -> u64 {
    auth.clock.now
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: add, since, when]
}

fn main() {}
