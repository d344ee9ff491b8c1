//! A request puts its service into a list that a singleton guards.
use std::sync::Mutex;

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

pub struct Recent {
    pub seen: Mutex<Vec<&'static Auth>>,
}

#[service(singleton)]
impl Recent {
    pub fn new() -> Self {
        Self { seen: Mutex::new(Vec::new()) }
    }
}

#[derive(Scope)]
pub struct App {
    recent: Slot<Recent>,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

pub async fn handle(app: &'static App) {
    let scope = RequestScope::open(app);
    if let (Ok(auth), Ok(recent)) = (scope.get::<Auth>().await, scope.get::<Recent>().await) {
        recent.seen.lock().map(|mut seen| seen.push(auth)).ok();
    }
}

fn main() {}
