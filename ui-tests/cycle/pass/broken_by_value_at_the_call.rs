//! One of two services takes what it needs of the other when it is called.
use quilt_scope::{Scope, Slot, service};

pub struct Audit {}

#[service]
impl Audit {
    pub fn new() -> Self {
        Self {}
    }

    pub fn note(&self, who: &str) -> usize {
        who.len()
    }
}

pub struct Auth<'req> {
    pub audit: &'req Audit,
}

#[service]
impl<'req> Auth<'req> {
    pub fn new(audit: &'req Audit) -> Self {
        Self { audit }
    }

    pub fn check(&self) -> usize {
        self.audit.note("somebody")
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth<'req>>,
    audit: Slot<Audit>,
}

fn main() {}
