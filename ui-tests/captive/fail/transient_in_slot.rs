//! A service that is built at each ask is in a field that builds once.
use quilt_scope::{Scope, Slot, service};

pub struct Stamp;

#[service(transient)]
impl Stamp {
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
    stamp: Slot<Stamp>,
}

fn main() {}
