//! A service asks for what nobody provides.
use quilt_scope::{Scope, Slot, service};

pub struct Auth;

#[service]
impl Auth {
    pub fn new() -> Self {
        Self
    }
}

pub struct Permissions<'req> {
    pub auth: &'req Auth,
}

#[service]
impl<'req> Permissions<'req> {
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
    permissions: Slot<Permissions<'req>>,
}

fn main() {}
