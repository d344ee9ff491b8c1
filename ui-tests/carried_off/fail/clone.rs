//! A request-scoped service is `Clone`: a copy of it could outlive the request.
use quilt_scope::service;

#[derive(Clone)]
pub struct Auth {
    pub key: String,
}

#[service]
impl Auth {
    pub fn new() -> Self {
        Self { key: String::new() }
    }
}

fn main() {}
