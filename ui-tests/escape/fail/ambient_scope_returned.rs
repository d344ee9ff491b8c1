//! The scope itself is returned from an ambient ask.
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

pub async fn deep() {
    let asked = quilt_scope::ambient::with::<RequestScope<'static>, _>(|scope| Box::pin(async move { scope }));
    drop(asked.await);
}

fn main() {}
