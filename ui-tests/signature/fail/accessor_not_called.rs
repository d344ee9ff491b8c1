//! The body does not call the accessor.
use quilt_scope::scoped_tool;

pub struct Auth {
    pub key: String,
}

#[scoped_tool(accessors(auth_service: Auth))]
fn count() -> usize {
    0
}

fn main() {}
