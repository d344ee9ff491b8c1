//! A scope opens under two others.
use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(parent)]
    other: &'req App,
}

fn main() {}
