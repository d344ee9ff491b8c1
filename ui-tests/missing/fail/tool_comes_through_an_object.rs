//! A service lacks something, and a tool comes to it by the trait object that it is also provided as.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Clock {
    pub now: u64,
}

pub trait Dated: Sync {
    fn now(&self) -> u64;
}

pub struct Auth<'req> {
    pub clock: &'req Clock,
}

#[service]
impl<'req> Auth<'req> {
    pub async fn new(clock: &'req Clock) -> Self {
        Self { clock }
    }
}

impl Dated for Auth<'_> {
    fn now(&self) -> u64 {
        self.clock.now
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(provides = dyn Dated)]
    auth: Slot<Auth<'req>>,
}

/// When.
#[scoped_tool(read_only)]
pub fn when(dated: &dyn Dated) -> u64 {
    dated.now()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: when]
}

fn main() {}
