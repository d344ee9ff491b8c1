//! A constructor is a method.
use quilt_scope::service;

pub struct Auth {
    pub key: String,
}

#[service]
impl Auth {
    pub fn new(&self) -> Self {
        Self { key: self.key.clone() }
    }
}

fn main() {}
