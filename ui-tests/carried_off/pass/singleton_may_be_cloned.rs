//! A singleton may be `Clone`: it is for everybody anyway.
use quilt_scope::service;

#[derive(Clone)]
pub struct Pool {
    pub name: String,
}

#[service(singleton)]
impl Pool {
    pub fn new() -> Self {
        Self { name: String::new() }
    }
}

fn main() {}
