//! A singleton asks for a service that two kinds of request keep.
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

#[derive(Scope)]
pub struct BackgroundScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

fn main() {}
