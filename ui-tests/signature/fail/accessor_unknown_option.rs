//! `accessors` is misspelt.
use quilt_scope::scoped_tool;

pub struct Auth {
    pub key: String,
}

#[scoped_tool(accessor(auth_service: Auth))]
fn count() -> usize {
    0
}

fn main() {}
