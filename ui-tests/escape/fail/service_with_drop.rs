//! A service that borrows from its scope has a destructor, which could look at what is gone already.
use quilt_scope::{Scope, Slot, service};

pub struct Principal(pub String);

pub struct Session<'req> {
    principal: &'req Principal,
}

#[service]
impl<'req> Session<'req> {
    pub fn new(principal: &'req Principal) -> Self {
        Self { principal }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        drop(self.principal.0.clone());
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    session: Slot<Session<'req>>,
}

pub async fn handle(app: &'static App) -> bool {
    let scope = RequestScope::open(app, Principal(String::new()));
    scope.get::<Session<'_>>().await.is_ok()
}

fn main() {}
