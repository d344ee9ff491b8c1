//! A service is kept in a thread-local, where the next request on the thread would find it.
use std::cell::Cell;

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

thread_local! {
    static LAST: Cell<Option<&'static Auth>> = const { Cell::new(None) };
}

pub async fn handle(app: &'static App) {
    let scope = RequestScope::open(app);
    if let Ok(auth) = scope.get::<Auth>().await {
        LAST.set(Some(auth));
    }
}

fn main() {}
