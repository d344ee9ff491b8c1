//! A service asks for what nobody provides.
use std::sync::Arc;

use froodi::DefaultScope::Request;
use froodi::{Container, Inject, registry};

pub struct Auth;

pub struct Permissions {
    pub auth: Arc<Auth>,
}

fn main() {
    let _ = Container::new(registry! {
        scope(Request) [
            provide(|Inject(auth): Inject<Auth>| Ok(Permissions { auth })),
        ],
    });
}
