//! A handler asks a request for a service that a scope opened under the request keeps: told as missing, with a hint.
use quilt_scope::{Scope, Slot, service};

pub struct Step {
    pub number: u32,
}

#[service]
impl Step {
    pub fn new() -> Self {
        Self { number: 1 }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

#[derive(Scope)]
pub struct StepScope<'req> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    step: Slot<Step>,
}

pub async fn handle(app: &App) -> Option<u32> {
    let scope = RequestScope::open(app);
    scope.get::<Step>().await.ok().map(|step| step.number)
}

fn main() {}
