//! A slot does not say of which service.
use quilt_scope::{Scope, Slot};

#[derive(Scope)]
pub struct App {
    auth: Slot,
}

fn main() {}
