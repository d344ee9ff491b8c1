//! A container does not say where one of its fields comes from.
use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {
    limit: u32,
}

fn main() {}
