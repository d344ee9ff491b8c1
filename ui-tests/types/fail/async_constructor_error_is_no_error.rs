//! What an asynchronous constructor fails with is no error.
use quilt_scope::service;

pub struct Failed(pub u32);

pub struct Auth;

#[service]
impl Auth {
    pub async fn new() -> Result<Self, Failed> {
        Err(Failed(1))
    }
}

fn main() {}
