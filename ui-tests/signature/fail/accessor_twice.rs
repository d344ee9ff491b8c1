//! One accessor is listed twice.
use quilt_scope::scoped_tool;

pub struct Auth {
    pub key: String,
}

#[scoped_tool(accessors(auth_service: Auth, auth_service: Auth))]
fn count() -> usize {
    auth_service().key.len()
}

fn main() {}
