//! A service is sent to whoever waits for it elsewhere.
use quilt_scope::{Scope, Slot, service};
use tokio::sync::oneshot;

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

pub async fn handle(app: &'static App, elsewhere: oneshot::Sender<&'static Auth>) {
    let scope = RequestScope::open(app);
    if let Ok(auth) = scope.get::<Auth>().await {
        let _ = elsewhere.send(auth);
    }
}

fn main() {}
