//! What leaves the request is data of its own, copied out by hand.
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

pub async fn handle(app: &App) {
    let scope = RequestScope::open(app);
    if let Ok(auth) = scope.get::<Auth>().await {
        let key = auth.key.clone();
        tokio::spawn(async move { key.len() });
    }
}

fn main() {}
