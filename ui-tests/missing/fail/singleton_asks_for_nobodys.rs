//! A singleton asks for what nobody provides, neither the root nor a request.
use quilt_scope::{Scope, Slot, service};

pub struct Clock {
    pub now: u64,
}

pub struct Pool {
    pub opened: u64,
}

#[service(singleton)]
impl Pool {
    pub fn new(clock: &Clock) -> Self {
        Self { opened: clock.now }
    }
}

#[derive(Scope)]
pub struct App {
    pool: Slot<Pool>,
}

fn main() {}
