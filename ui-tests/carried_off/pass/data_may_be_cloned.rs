//! What may leave is in a type of its own.
use quilt_scope::{Scope, Slot, service};

#[derive(Clone, serde::Serialize)]
pub struct Profile {
    pub name: String,
}

pub struct Auth {
    pub profile: Profile,
}

#[service]
impl Auth {
    pub fn new() -> Self {
        Self { profile: Profile { name: String::new() } }
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

fn main() {}
