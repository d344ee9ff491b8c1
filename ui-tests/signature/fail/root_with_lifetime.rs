//! A root scope borrows, but from whom?
use quilt_scope::Scope;

#[derive(Scope)]
pub struct App<'req> {
    #[scope(seed)]
    name: &'req str,
}

fn main() {}
