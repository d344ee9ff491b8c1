//! A circle through a trait object.
use quilt_scope::{Scope, Slot, service};

pub trait Credentials: Send + Sync {}

impl Credentials for Auth<'_> {}

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
    pub credentials: &'req dyn Credentials,
}

#[service]
impl<'req> Audit<'req> {
    pub fn new(credentials: &'req dyn Credentials) -> Self {
        Self { credentials }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(provides = dyn Credentials)]
    auth: Slot<Auth<'req>>,
    audit: Slot<Audit<'req>>,
}

fn main() {}
