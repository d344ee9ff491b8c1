//! A boxed future may borrow a service if it says so.
use std::pin::Pin;

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

pub async fn handle(app: &App) -> usize {
    let scope = RequestScope::open(app);
    let Ok(auth) = scope.get::<Auth>().await else { return 0 };
    let work: Pin<Box<dyn Future<Output = usize> + Send + '_>> = Box::pin(async { auth.key.len() });
    work.await
}

fn main() {}
