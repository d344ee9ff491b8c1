//! A request-scoped service is kept by the root: it would be built once, for the first caller.
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

#[derive(Scope)]
pub struct App {
    auth: Slot<Auth>,
}

fn main() {}
