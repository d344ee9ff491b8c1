//! A singleton gets the data of a request at each call, and keeps none.
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

pub struct Cache;

#[service(singleton)]
impl Cache {
    pub fn new() -> Self {
        Self
    }

    pub fn look_up(&self, key: &str) -> usize {
        key.len()
    }
}

#[derive(Scope)]
pub struct App {
    cache: Slot<Cache>,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

pub async fn handle(app: &App) -> Option<usize> {
    let scope = RequestScope::open(app);
    let (auth, cache) = (scope.get::<Auth>().await.ok()?, scope.get::<Cache>().await.ok()?);
    Some(cache.look_up(&auth.key))
}

fn main() {}
