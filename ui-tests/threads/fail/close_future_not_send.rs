//! What tidies up holds what cannot change threads over an `.await`.
use std::rc::Rc;

use quilt_scope::service;

pub struct Names {
    pub count: u32,
}

#[service(close = flush)]
impl Names {
    pub fn new() -> Self {
        Self { count: 1 }
    }

    pub async fn flush(&self) {
        let shared = Rc::new(self.count);
        tokio::task::yield_now().await;
        drop(shared);
    }
}

fn main() {}
