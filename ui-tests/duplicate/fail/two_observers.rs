//! A scope is watched by two.
use quilt_scope::{Scope, Watch};

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(observer)]
    watch: &'req Watch<'req, ()>,
    #[scope(observer)]
    other: &'req Watch<'req, ()>,
    #[scope(parent)]
    app: &'req App,
}

fn main() {}
