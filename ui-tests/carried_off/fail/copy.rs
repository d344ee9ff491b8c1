//! A request-scoped service is `Copy`.
use quilt_scope::service;

pub struct Principal(pub u64);

#[derive(Clone, Copy)]
pub struct Auth<'req> {
    pub principal: &'req Principal,
}

#[service]
impl<'req> Auth<'req> {
    pub fn new(principal: &'req Principal) -> Self {
        Self { principal }
    }
}

fn main() {}
