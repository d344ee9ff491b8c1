//! The constructor of a service is in the implementation of a trait.
use quilt_scope::service;

pub struct Auth {
    pub key: String,
}

#[service]
impl Default for Auth {
    fn default() -> Self {
        Self { key: String::new() }
    }
}

fn main() {}
