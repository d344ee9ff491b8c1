//! A service is moved into a boxed closure that is kept for ever.
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

/// Counts later, when the request is gone.
#[scoped_tool]
pub fn keep(auth: &Auth) -> usize {
    let later: Box<dyn Fn() -> usize + 'static> = Box::new(|| auth.key.len());
    later()
}

fn main() {}
