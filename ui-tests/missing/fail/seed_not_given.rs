//! A scope is opened without its seed.
use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {}

pub struct Principal(pub String);

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
}

pub fn handle(app: &App) {
    let _scope = RequestScope::open(app);
}

fn main() {}
