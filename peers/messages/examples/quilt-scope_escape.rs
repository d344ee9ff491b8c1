//! A request's service is moved into a task of its own.
use quilt_scope::{Scope, ScopeError, Slot, service};

pub struct Auth(u32);

#[service]
impl Auth {
    pub fn new() -> Self {
        Self(1)
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

pub async fn handle(app: &'static App) -> Result<(), ScopeError> {
    let scope = RequestScope::open(app);
    let auth = scope.get::<Auth>().await?;
    tokio::spawn(async move { auth.0 });
    Ok(())
}

fn main() {}
