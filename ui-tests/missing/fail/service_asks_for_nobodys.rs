//! A service asks for what nobody provides. No table of tools names the container, so the message names no tool.
use quilt_scope::{Scope, Slot, service};

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

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth<'req>>,
}

fn main() {}
