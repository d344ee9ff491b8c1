//! A singleton may hold another, and a seed of the process.
use quilt_scope::{Scope, Slot, service};

pub struct Config {}

pub struct Cache {
    pub size: usize,
}

#[service(singleton)]
impl Cache {
    pub fn new(config: &Config) -> Self {
        let _ = config;
        Self { size: 0 }
    }
}

pub struct Index {}

#[service(singleton)]
impl Index {
    pub fn new(cache: &Cache) -> Self {
        let _ = cache.size;
        Self {}
    }
}

#[derive(Scope)]
pub struct App {
    #[scope(seed)]
    config: Config,
    index: Slot<Index>,
    cache: Slot<Cache>,
}

fn main() {}
