//! A reference to a service is shared out in an `Arc`.
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

pub async fn handle(app: &'static App) -> Option<Arc<dyn Fn() -> usize + Send + Sync>> {
    let scope = RequestScope::open(app);
    let auth = scope.get::<Auth>().await.ok()?;
    Some(Arc::new(|| auth.key.len()))
}

fn main() {}
