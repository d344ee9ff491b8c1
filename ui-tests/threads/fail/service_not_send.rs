//! A service holds what threads may share and may not change: the guard of a lock.
use std::sync::MutexGuard;

use quilt_scope::{Scope, Slot, service};

pub struct Names {
    pub count: MutexGuard<'static, u32>,
}

#[service]
impl Names {
    pub async fn new() -> Self {
        std::future::pending().await
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    names: Slot<Names>,
}

fn main() {}
