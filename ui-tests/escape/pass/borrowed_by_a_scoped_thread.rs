//! A thread that ends inside the request may borrow its services.
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
    std::thread::scope(|threads| threads.spawn(|| auth.key.len()).join().unwrap_or(0))
}

fn main() {}
