//! A container keeps a type that nobody has said how to build.
use quilt_scope::{Scope, Slot};

pub struct Auth {
    pub key: String,
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

fn main() {}
