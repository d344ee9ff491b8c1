//! A scope opens under another, and has nothing to borrow for.
use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope {
    #[scope(parent)]
    app: &'static App,
}

fn main() {}
