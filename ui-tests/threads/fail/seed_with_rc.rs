//! A scope is given what counts its owners without regard to threads.
use std::rc::Rc;

use quilt_scope::{Scope, Slot, service};

pub struct Clock {}

#[service]
impl Clock {
    pub fn new() -> Self {
        Self {}
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    names: Rc<Vec<String>>,
    clock: Slot<Clock>,
}

fn main() {}
