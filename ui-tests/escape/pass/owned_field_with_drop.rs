//! A service that borrows owns a part with a destructor: that is allowed.
use quilt_scope::{Scope, Slot, service};

pub struct Principal(pub String);

pub struct Secret(String);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.clear();
    }
}

pub struct Session<'req> {
    pub principal: &'req Principal,
    pub secret: Secret,
}

#[service]
impl<'req> Session<'req> {
    pub fn new(principal: &'req Principal) -> Self {
        Self { principal, secret: Secret(String::new()) }
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

pub async fn handle(app: &App) -> bool {
    let scope = RequestScope::open(app, Principal(String::new()));
    scope.get::<Session<'_>>().await.is_ok()
}

fn main() {}
