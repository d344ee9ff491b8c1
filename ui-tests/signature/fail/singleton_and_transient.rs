//! A service is to be built once, and at each ask.
use quilt_scope::service;

pub struct Stamp {}

#[service(singleton, transient)]
impl Stamp {
    pub fn new() -> Self {
        Self {}
    }
}

fn main() {}
