//! The accessor is called in a thread that may outlive the request.
use quilt_scope::{scoped_tool};

pub struct Auth {
    pub key: String,
}

#[scoped_tool(accessors(auth_service: Auth))]
fn count() -> usize {
    std::thread::spawn(move || auth_service().key.len());
    0
}

fn main() {}
