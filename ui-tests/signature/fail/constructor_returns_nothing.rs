//! A constructor returns nothing.
use quilt_scope::service;

pub struct Auth {
    pub key: String,
}

#[service]
impl Auth {
    pub fn new() {}
}

fn main() {}
