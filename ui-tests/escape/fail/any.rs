//! A service is hidden in an `Any`, which forgets what it is but not how long it lives.
use std::any::Any;

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

pub async fn handle(app: &'static App) -> Option<Box<dyn Any>> {
    let scope = RequestScope::open(app);
    let auth = scope.get::<Auth>().await.ok()?;
    Some(Box::new(auth))
}

fn main() {}
