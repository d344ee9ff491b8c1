//! What lives shorter may hold what lives longer.
use quilt_scope::{Scope, Slot, service};

pub struct Pool {}

#[service(singleton)]
impl Pool {
    pub fn new() -> Self {
        Self {}
    }
}

pub struct Auth<'req> {
    pub pool: &'req Pool,
}

#[service]
impl<'req> Auth<'req> {
    pub fn new(pool: &'req Pool) -> Self {
        Self { pool }
    }
}

#[derive(Scope)]
pub struct App {
    pool: Slot<Pool>,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth<'req>>,
}

fn main() {}
