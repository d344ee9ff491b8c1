//! Two seeds are of the same type.
use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    user: String,
    #[scope(seed)]
    tenant: String,
}

fn main() {}
