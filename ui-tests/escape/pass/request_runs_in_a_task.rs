//! A whole request is a task of its own: its scope goes with it.
use std::sync::Arc;

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

pub fn serve(app: Arc<App>) -> tokio::task::JoinHandle<usize> {
    tokio::spawn(async move {
        let scope = RequestScope::open(&app);
        let Ok(auth) = scope.get::<Auth>().await else { return 0 };
        auth.key.len()
    })
}

fn main() {}
