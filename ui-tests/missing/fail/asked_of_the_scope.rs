//! A body asks the scope itself for what it does not provide.
use quilt_scope::Scope;

pub struct Clock {
    pub now: u64,
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

pub async fn handle(app: &App) -> u64 {
    let scope = RequestScope::open(app);
    scope.get::<Clock>().await.map_or(0, |clock| clock.now)
}

fn main() {}
