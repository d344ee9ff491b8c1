//! A request-scoped service is `Serialize`: it could be written down.
use quilt_scope::service;

#[derive(serde::Serialize)]
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
