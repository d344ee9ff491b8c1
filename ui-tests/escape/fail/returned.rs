//! The function that owns the scope returns a service of it.
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

pub async fn handle(app: &'static App) -> Option<&'static Auth> {
    let scope = RequestScope::open(app);
    scope.get::<Auth>().await.ok()
}

fn main() {}
