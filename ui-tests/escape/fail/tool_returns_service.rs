//! A tool returns the service it was given.
use quilt_scope::{Scope, Slot, scoped_tool, service};

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
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

/// Tells the key.
#[scoped_tool]
pub fn tell(auth: &Auth) -> &'static str {
    &auth.key
}

fn main() {}
