//! A secret stays in memory after its request.
use quilt_scope::{Secrets, service};

#[derive(Secrets)]
pub struct Session {
    pub token: String,
}

#[service(secrets)]
impl Session {
    pub fn new() -> Self {
        Self { token: String::new() }
    }
}

fn main() {}
