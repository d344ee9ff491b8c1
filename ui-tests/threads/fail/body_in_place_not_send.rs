//! A body that is written where it runs holds what cannot change threads over an `.await`.
use std::rc::Rc;

use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

pub async fn handle(app: &App) -> Option<u32> {
    let scope = RequestScope::open(app);
    let body = async {
        let shared = Rc::new(1);
        tokio::task::yield_now().await;
        *shared
    };
    quilt_scope::run(&scope, body, std::future::pending()).await.finished()
}

fn main() {}
