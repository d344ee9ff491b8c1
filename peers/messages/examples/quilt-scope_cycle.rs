//! Three services need each other in a circle.
use quilt_scope::{Scope, Slot, service};

pub struct Auth<'req> {
    pub audit: &'req Audit<'req>,
}

#[service]
impl<'req> Auth<'req> {
    pub fn new(audit: &'req Audit<'req>) -> Self {
        Self { audit }
    }
}

pub struct Audit<'req> {
    pub clock: &'req Clock<'req>,
}

#[service]
impl<'req> Audit<'req> {
    pub fn new(clock: &'req Clock<'req>) -> Self {
        Self { clock }
    }
}

pub struct Clock<'req> {
    pub auth: &'req Auth<'req>,
}

#[service]
impl<'req> Clock<'req> {
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
    audit: Slot<Audit<'req>>,
    clock: Slot<Clock<'req>>,
}

fn main() {}
