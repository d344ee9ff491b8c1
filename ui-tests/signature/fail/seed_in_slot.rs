//! A slot is marked as given.
use quilt_scope::{Scope, Slot, service};

pub struct Auth {
    pub key: String,
}

#[service(singleton)]
impl Auth {
    pub fn new() -> Self {
        Self { key: String::new() }
    }
}

#[derive(Scope)]
pub struct App {
    #[scope(seed)]
    auth: Slot<Auth>,
}

fn main() {}
