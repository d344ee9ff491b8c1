//! A child that provides what its parent does names what it takes from it.
use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {
    #[scope(seed)]
    limit: u32,
    #[scope(seed)]
    name: String,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent, inherits(String))]
    app: &'req App,
    #[scope(seed)]
    limit: u32,
}

pub async fn handle(app: &App) -> Option<usize> {
    let scope = RequestScope::open(app, 3);
    let (limit, name) = (scope.get::<u32>().await.ok()?, scope.get::<String>().await.ok()?);
    Some(name.len().min(usize::try_from(*limit).ok()?))
}

fn main() {}
