//! A service of a child scope is put into one of its parent, which goes on without the child.
use std::sync::Mutex;

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

pub struct Progress<'req> {
    pub current: Mutex<Option<&'req Step>>,
}

#[service]
impl<'req> Progress<'req> {
    pub fn new() -> Self {
        Self { current: Mutex::new(None) }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    progress: Slot<Progress<'req>>,
}

#[derive(Scope)]
pub struct StepScope<'req, 'step> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    name: &'step str,
    step: Slot<Step>,
}

pub async fn handle<'req>(request: &'req RequestScope<'req>) {
    let Ok(progress) = request.get::<Progress<'_>>().await else { return };
    let child = StepScope::open(request, "first");
    if let Ok(step) = child.get::<Step>().await {
        progress.current.lock().map(|mut current| current.replace(step)).ok();
    }
}

fn main() {}
