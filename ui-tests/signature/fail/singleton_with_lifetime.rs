//! A singleton borrows.
use quilt_scope::service;

pub struct Principal(pub u64);

pub struct Cache<'req> {
    pub principal: &'req Principal,
}

#[service(singleton)]
impl<'req> Cache<'req> {
    pub fn new(principal: &'req Principal) -> Self {
        Self { principal }
    }
}

fn main() {}
