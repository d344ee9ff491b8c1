//! A service is kept in a `static`: the next caller would find the first one's.
use std::sync::OnceLock;

use quilt_scope::{Scope, Slot, service};

static LAST: OnceLock<&'static Auth> = OnceLock::new();

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

pub async fn handle(app: &'static App) {
    let scope = RequestScope::open(app);
    if let Ok(auth) = scope.get::<Auth>().await {
        let _ = LAST.set(auth);
    }
}

fn main() {}
