//! A scope is opened with its seed twice.
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
    let _scope = RequestScope::open(app, Principal(String::new()), Principal(String::new()));
}

fn main() {}
