//! A singleton asks for a transient service of the request, which holds what belongs to the request.
use quilt_scope::{Scope, Slot, Transient, service};

pub struct Auth {}

#[service]
impl Auth {
    pub fn new() -> Self {
        Self {}
    }
}

pub struct Stamp<'req> {
    pub auth: &'req Auth,
}

#[service(transient)]
impl<'req> Stamp<'req> {
    pub fn new(auth: &'req Auth) -> Self {
        Self { auth }
    }
}

pub struct Cache {}

#[service(singleton)]
impl Cache {
    pub fn new(stamp: &Stamp<'_>) -> Self {
        let _ = stamp;
        Self {}
    }
}

#[derive(Scope)]
pub struct App {
    cache: Slot<Cache>,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    stamp: Transient<Stamp<'req>>,
    auth: Slot<Auth>,
}

fn main() {}
