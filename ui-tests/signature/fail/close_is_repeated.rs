//! A service says twice how it tidies up.
use quilt_scope::service;

pub struct Auth {
    pub key: String,
}

#[service(close = flush, close = end)]
impl Auth {
    pub fn new() -> Self {
        Self { key: String::new() }
    }
}

fn main() {}
