//! A service is generic.
use quilt_scope::service;

pub struct Cache<T> {
    pub all: Vec<T>,
}

#[service]
impl<T: Send + Sync> Cache<T> {
    pub fn new() -> Self {
        Self { all: Vec::new() }
    }
}

fn main() {}
