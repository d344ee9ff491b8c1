//! A singleton is kept by a request: it would be built for each.
use quilt_scope::{Scope, Slot, service};

pub struct Pool;

#[service(singleton)]
impl Pool {
    pub fn new() -> Self {
        Self
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    pool: Slot<Pool>,
}

fn main() {}
