//! A container is an enum.
use quilt_scope::Scope;

#[derive(Scope)]
pub enum App {
    One,
}

fn main() {}
