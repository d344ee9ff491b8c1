//! A service is declared to hold secrets, and its fields are not looked at.
use quilt_scope::service;

pub struct Session {
    pub token: zeroize::Zeroizing<String>,
}

#[service(secrets)]
impl Session {
    pub fn new() -> Self {
        Self { token: zeroize::Zeroizing::new(String::new()) }
    }
}

fn main() {}
