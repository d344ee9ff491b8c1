//! A body holds what cannot change threads over an `.await`.
use std::rc::Rc;

use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

pub async fn body(limit: u32) -> u32 {
    let shared = Rc::new(limit);
    tokio::task::yield_now().await;
    *shared
}

pub async fn handle(app: &App) -> Option<u32> {
    let scope = RequestScope::open(app);
    quilt_scope::run(&scope, body(3), std::future::pending()).await.finished()
}

fn main() {}
