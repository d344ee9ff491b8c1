//! A service guards what changes with a `RefCell`.
use std::cell::RefCell;

use quilt_scope::service;

pub struct Names {
    pub all: RefCell<Vec<String>>,
}

#[service]
impl Names {
    pub async fn new() -> Self {
        Self { all: RefCell::new(Vec::new()) }
    }
}

fn main() {}
