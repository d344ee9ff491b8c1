//! A child provides what it sees of its parent as well, and does not say which of them it means.
use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {
    #[scope(seed)]
    limit: u32,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    limit: u32,
}

fn main() {}
