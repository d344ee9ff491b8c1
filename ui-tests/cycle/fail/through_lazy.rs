//! A circle through a `Lazy` is a circle too: two asynchronous constructors would wait for each other.
use quilt_scope::{Lazy, Scope, Slot, service};

pub struct Auth<'req> {
    pub audit: Lazy<'req, Audit<'req>>,
}

#[service]
impl<'req> Auth<'req> {
    pub fn new(audit: Lazy<'req, Audit<'req>>) -> Self {
        Self { audit }
    }
}

pub struct Audit<'req> {
    pub auth: &'req Auth<'req>,
}

#[service]
impl<'req> Audit<'req> {
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
    audit: Slot<Audit<'req>>,
    auth: Slot<Auth<'req>>,
}

fn main() {}
