//! The body imports the function that the accessor replaces.
use quilt_scope::scoped_tool;

pub struct Auth {
    pub key: String,
}

mod old {
    pub fn auth_service() -> &'static super::Auth {
        static EVERYBODYS: super::Auth = super::Auth { key: String::new() };
        &EVERYBODYS
    }
}

#[scoped_tool(accessors(auth_service: Auth))]
fn count() -> usize {
    use old::auth_service;
    auth_service().key.len()
}

fn main() {}
