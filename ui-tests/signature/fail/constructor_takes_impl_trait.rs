//! A constructor takes whatever implements a trait.
use quilt_scope::service;

pub struct Auth {
    pub key: String,
}

#[service]
impl Auth {
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into() }
    }
}

fn main() {}
