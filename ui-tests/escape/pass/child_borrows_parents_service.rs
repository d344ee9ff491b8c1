//! What a child scope asks for may be a service of its parent.
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

pub struct Step<'req> {
    pub auth: &'req Auth,
}

#[service]
impl<'req> Step<'req> {
    pub fn new(auth: &'req Auth) -> Self {
        Self { auth }
    }
}

#[derive(Scope)]
pub struct StepScope<'req, 'step> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    name: &'step str,
    step: Slot<Step<'step>>,
}

pub async fn handle<'req>(request: &'req RequestScope<'req>) -> usize {
    let child = StepScope::open(request, "first");
    child.get::<Step<'_>>().await.map_or(0, |step| step.auth.key.len())
}

fn main() {}
