//! A method calls an accessor, and nobody gives methods the request's services.
use quilt_scope::scoped_tools;

pub struct Auth {
    pub key: String,
}

pub fn auth_service() -> &'static Auth {
    static EVERYBODYS: Auth = Auth { key: String::new() };
    &EVERYBODYS
}

#[scoped_tools(accessors(auth_service: Auth))]
mod tools {
    use super::{Auth, auth_service};
    use quilt_scope::scoped_tool;

    pub struct Report;

    impl Report {
        pub fn size(&self) -> usize {
            auth_service().key.len()
        }
    }

    #[scoped_tool]
    pub fn count() -> usize {
        auth_service().key.len() + Report.size()
    }
}

fn main() {}
