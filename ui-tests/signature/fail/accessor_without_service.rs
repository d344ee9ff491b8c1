//! The list does not say what the accessor answers with.
use quilt_scope::scoped_tool;

pub struct Auth {
    pub key: String,
}

#[scoped_tool(accessors(auth_service))]
fn count() -> usize {
    0
}

fn main() {}
