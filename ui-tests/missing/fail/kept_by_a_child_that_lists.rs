//! A singleton asks for a service of a scope that lists what it inherits: told as missing, with a hint.
use quilt_scope::{Scope, Slot, service};

pub struct Config {
    pub name: String,
}

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
    #[scope(seed)]
    config: Config,
    cache: Slot<Cache>,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent, inherits(Config))]
    app: &'req App,
    auth: Slot<Auth>,
}

fn main() {}
