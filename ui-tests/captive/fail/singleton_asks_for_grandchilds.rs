//! A singleton asks for a service of a scope that opens under a request.
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

pub struct Cache {
    pub number: u32,
}

#[service(singleton)]
impl Cache {
    pub fn new(step: &Step) -> Self {
        Self { number: step.number }
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
}

#[derive(Scope)]
pub struct StepScope<'req, 'step> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    name: &'step str,
    step: Slot<Step>,
}

fn main() {}
