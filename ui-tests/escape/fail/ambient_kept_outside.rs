//! An ambient ask puts a service into a variable outside of it.
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

pub async fn deep(kept: std::sync::Arc<std::sync::Mutex<Option<&'static Auth>>>) {
    let asked = with_auth(move |auth| {
        *kept.lock().expect("it is whole") = Some(auth);
        Box::pin(async {})
    });
    let _ = asked.await;
}

fn main() {}
