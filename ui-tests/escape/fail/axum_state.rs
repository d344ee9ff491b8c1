//! A handler of an axum route leaves a service of its request in what all handlers share.
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::get;
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

#[derive(Clone)]
pub struct Shared {
    pub app: &'static App,
    pub last: Arc<Mutex<Option<&'static Auth>>>,
}

async fn handle(State(shared): State<Shared>) {
    let scope = RequestScope::open(shared.app);
    if let (Ok(auth), Ok(mut last)) = (scope.get::<Auth>().await, shared.last.lock()) {
        *last = Some(auth);
    }
}

pub fn routes(shared: Shared) -> axum::Router {
    axum::Router::new().route("/", get(handle)).with_state(shared)
}

fn main() {}
