//! A request-scoped service is `Deserialize`: it could be made of what a caller sends.
use quilt_scope::service;

#[derive(serde::Deserialize)]
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
