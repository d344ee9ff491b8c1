//! An argument of a synchronous tool is held while services are awaited, and may belong to one thread.
use std::rc::Rc;

use quilt_scope::{scoped_tool, service};

pub struct Limits {
    pub most: u32,
}

#[service]
impl Limits {
    pub fn new() -> Self {
        Self { most: 10 }
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(from = "u32")]
#[schemars(with = "u32")]
pub struct Names(Rc<u32>);

impl From<u32> for Names {
    fn from(count: u32) -> Self {
        Self(Rc::new(count))
    }
}

/// Counts.
#[scoped_tool(read_only)]
pub fn count(limits: &Limits, names: Names) -> u32 {
    limits.most.min(*names.0)
}

fn main() {}
