//! A singleton asks for what is given to each request: it would keep the first caller's for all.
use quilt_scope::{Scope, Slot, service};

pub struct Principal(pub String);

pub struct Cache {
    pub owner: String,
}

#[service(singleton)]
impl Cache {
    pub fn new(principal: &Principal) -> Self {
        Self { owner: principal.0.clone() }
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
    #[scope(seed)]
    principal: Principal,
}

fn main() {}
