//! A service counts its owners without regard to threads.
use std::rc::Rc;

use quilt_scope::service;

pub struct Names {
    pub all: Rc<Vec<String>>,
}

#[service]
impl Names {
    pub fn new() -> Self {
        Self { all: Rc::new(Vec::new()) }
    }
}

fn main() {}
