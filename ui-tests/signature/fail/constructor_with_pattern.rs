//! A constructor takes its dependency apart where it names it.
use quilt_scope::service;

pub struct Principal(pub String);

pub struct Auth {
    pub key: String,
}

#[service]
impl Auth {
    pub fn new(Principal(key): &Principal) -> Self {
        Self { key: key.clone() }
    }
}

fn main() {}
