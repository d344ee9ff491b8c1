//! The body binds the name of the accessor to something else.
use quilt_scope::scoped_tool;

pub struct Auth {
    pub key: String,
}

fn other() -> &'static Auth {
    static OTHER: Auth = Auth { key: String::new() };
    &OTHER
}

#[scoped_tool(accessors(auth_service: Auth))]
fn count() -> usize {
    let own = auth_service().key.len();
    let auth_service = other;
    own + auth_service().key.len()
}

fn main() {}
