//! A constructor holds what cannot change threads over an `.await`.
use std::rc::Rc;

use quilt_scope::service;

pub struct Names {
    pub count: u32,
}

#[service]
impl Names {
    pub async fn new() -> Self {
        let shared = Rc::new(1);
        tokio::task::yield_now().await;
        Self { count: *shared }
    }
}

fn main() {}
