//! A request's service is moved into a task of its own.
use std::sync::Arc;

use axum::Extension;

pub struct Auth(pub u32);

pub async fn handle(Extension(auth): Extension<Arc<Auth>>) {
    tokio::spawn(async move { auth.0 });
}

fn main() {}
