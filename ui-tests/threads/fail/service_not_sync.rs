//! A service that two branches on two threads cannot share.
use std::cell::Cell;

use quilt_scope::service;

pub struct Counter {
    pub count: Cell<u32>,
}

#[service]
impl Counter {
    pub fn new() -> Self {
        Self { count: Cell::new(0) }
    }
}

fn main() {}
