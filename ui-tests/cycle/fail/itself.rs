//! A service needs itself.
use quilt_scope::{Scope, Slot, service};

pub struct Auth<'req> {
    pub auth: &'req Auth<'req>,
}

#[service]
impl<'req> Auth<'req> {
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
    auth: Slot<Auth<'req>>,
}

fn main() {}
