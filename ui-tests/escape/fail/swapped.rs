//! The services of two requests are exchanged.
use std::mem::swap;

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

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

pub async fn handle(app: &App) -> bool {
    let mut one = RequestScope::open(app);
    let mut other = RequestScope::open(app);
    let Ok(auth) = one.get::<Auth>().await else { return false };
    swap(&mut one, &mut other);
    auth.key.is_empty()
}

fn main() {}
