//! Two services need a third, and a fourth needs both.
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

pub struct Left<'req>(pub &'req Auth);

#[service]
impl<'req> Left<'req> {
    pub fn new(auth: &'req Auth) -> Self {
        Self(auth)
    }
}

pub struct Right<'req>(pub &'req Auth);

#[service]
impl<'req> Right<'req> {
    pub fn new(auth: &'req Auth) -> Self {
        Self(auth)
    }
}

pub struct Both<'req>(pub &'req Left<'req>, pub &'req Right<'req>);

#[service]
impl<'req> Both<'req> {
    pub fn new(left: &'req Left<'req>, right: &'req Right<'req>) -> Self {
        Self(left, right)
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    both: Slot<Both<'req>>,
    left: Slot<Left<'req>>,
    right: Slot<Right<'req>>,
    auth: Slot<Auth>,
}

fn main() {}
