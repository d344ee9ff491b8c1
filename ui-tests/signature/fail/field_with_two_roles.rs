//! A field is the parent and a seed.
use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent, seed)]
    app: &'req App,
}

fn main() {}
