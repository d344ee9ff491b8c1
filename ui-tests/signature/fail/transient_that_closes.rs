//! What is built at each ask is not tidied up.
use quilt_scope::{service};

pub struct Stamp;

#[service(transient, close = flush)]
impl Stamp {
    pub fn new() -> Self {
        Self
    }

    pub async fn flush(&self) {}
}

fn main() {}
