//! A request's service is moved into a task of its own.
use std::sync::Arc;

use shaku::{HasComponent, Interface};

pub trait Auth: Interface {
    fn read(&self) -> u32;
}

pub async fn handle(request: &impl HasComponent<dyn Auth>) {
    let auth: Arc<dyn Auth> = request.resolve();
    tokio::spawn(async move { auth.read() });
}

fn main() {}
