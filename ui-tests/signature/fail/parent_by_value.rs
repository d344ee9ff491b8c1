//! A scope owns its parent.
use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: App,
    #[scope(seed)]
    name: &'req str,
}

fn main() {}
