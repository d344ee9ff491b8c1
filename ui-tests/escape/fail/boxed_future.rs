//! A tool makes a future that borrows a service, to be run at any time.
use std::pin::Pin;

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

/// Keeps work for later.
#[scoped_tool]
pub fn keep(auth: &Auth) -> usize {
    let later: Pin<Box<dyn Future<Output = usize> + Send + 'static>> = Box::pin(async { auth.key.len() });
    size_of_val(&later)
}

fn main() {}
