//! An argument may belong to one thread where a synchronous tool waits for no service.
use std::rc::Rc;

use quilt_scope::scoped_tool;

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
pub fn count(names: Names) -> u32 {
    *names.0
}

fn main() {}
