//! A service is sent away from an ambient ask.
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

pub async fn deep(away: tokio::sync::mpsc::UnboundedSender<&'static Auth>) {
    let asked = with_auth(|auth| {
        Box::pin(async move {
            let _ = away.send(auth);
        })
    });
    let _ = asked.await;
}

fn main() {}
