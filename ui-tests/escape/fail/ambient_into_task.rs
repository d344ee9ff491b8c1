//! A service is moved from an ambient ask into a task that may outlive the request.
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

quilt_scope::ambient! {
    fn with_auth<'req>(Auth) in RequestScope<'static>;
}

pub async fn deep() {
    let asked = with_auth(|auth| {
        tokio::spawn(async move { auth.key.len() });
        Box::pin(async {})
    });
    let _ = asked.await;
}

fn main() {}
