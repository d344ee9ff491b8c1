//! A singleton asks for a request-scoped service: it would keep one caller's for all.
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

pub struct Cache {
    pub key: String,
}

#[service(singleton)]
impl Cache {
    pub fn new(auth: &Auth) -> Self {
        Self { key: auth.key.clone() }
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
