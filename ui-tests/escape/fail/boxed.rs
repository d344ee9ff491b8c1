//! A service is hidden in a box that says nothing of the request.
use std::fmt::Display;

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

/// Keeps the key for later.
#[scoped_tool]
pub fn keep(auth: &Auth) -> usize {
    let later: Box<dyn Display + 'static> = Box::new(&auth.key);
    later.to_string().len()
}

fn main() {}
