//! Two texts are two types.
use quilt_scope::Scope;

pub struct User(pub String);

pub struct Tenant(pub String);

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    user: User,
    #[scope(seed)]
    tenant: Tenant,
}

fn main() {}
