//! A service, a container and a tool with a mistake each; the function is there for others.
use quilt_scope::{Scope, Slot, scoped_tool, service};

pub struct Auth {
    pub key: String,
}

#[service(singletn)]
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
    retries: u32,
    auth: Slot<Auth>,
}

/// Counts.
#[scoped_tool(readonly)]
pub fn count(auth: &Auth) -> usize {
    auth.key.len()
}

pub fn handle(auth: &Auth) -> usize {
    count(auth)
}

fn main() {}
