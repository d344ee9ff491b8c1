//! A handler asks for what nobody provides.
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;

pub struct Auth;

pub async fn handle(State(_): State<Arc<Auth>>) {}

pub async fn serve(listener: tokio::net::TcpListener) -> std::io::Result<()> {
    axum::serve(listener, Router::new().route("/", get(handle))).await
}

fn main() {}
