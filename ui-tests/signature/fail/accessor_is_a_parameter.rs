//! A parameter has the name of an accessor.
use quilt_scope::scoped_tool;

pub struct Auth {
    pub key: String,
}

#[scoped_tool(accessors(auth_service: Auth))]
fn count(auth_service: usize) -> usize {
    auth_service + auth_service().key.len()
}

fn main() {}
