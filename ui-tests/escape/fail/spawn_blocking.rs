//! A service is moved to the pool for blocking work, which may outlive the request.
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

pub async fn handle(app: &'static App) {
    let scope = RequestScope::open(app);
    if let Ok(auth) = scope.get::<Auth>().await {
        tokio::task::spawn_blocking(move || auth.key.len());
    }
}

fn main() {}
