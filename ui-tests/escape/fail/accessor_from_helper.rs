//! A helper gives away what its accessor answers with.
use quilt_scope::scoped_tools;

pub struct Auth {
    pub key: String,
}

#[scoped_tools(accessors(auth_service: Auth))]
mod tools {
    use super::Auth;

    pub fn forever() -> &'static Auth {
        auth_service()
    }
}

fn main() {}
