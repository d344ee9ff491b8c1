//! A request's service is moved into a task of its own.
use nject::{injectable, provider};

#[injectable]
pub struct Auth(#[inject(1)] u32);

#[provider]
#[scope(Auth)]
pub struct App;

pub async fn handle(app: &'static App) {
    let scope = app.scope();
    let auth: &Auth = scope.provide();
    tokio::spawn(async move { auth.0 });
}

fn main() {}
