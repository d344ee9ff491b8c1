//! What lives as long as the process asks for what lives as long as a request.
use quilt_scope::{Scope, Slot, service};

pub struct Auth;

#[service]
impl Auth {
    pub fn new() -> Self {
        Self
    }
}

pub struct Cache {
    pub key: usize,
}

#[service(singleton)]
impl Cache {
    pub fn new(auth: &Auth) -> Self {
        Self { key: std::ptr::from_ref(auth) as usize }
    }
}

#[derive(Scope)]
pub struct App {
    cache: Slot<Cache>,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

fn main() {}
