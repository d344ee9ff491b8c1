//! A service would be dropped before the one that borrows it.
use quilt_scope::{Scope, Slot, service};

pub struct Auth {
    pub key: String,
}

#[service]
impl Auth {
    pub fn new() -> Self {
        Self { key: String::new() }
    }
}

pub struct Audit<'req> {
    pub auth: &'req Auth,
}

#[service]
impl<'req> Audit<'req> {
    pub fn new(auth: &'req Auth) -> Self {
        Self { auth }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
    audit: Slot<Audit<'req>>,
}

fn main() {}
