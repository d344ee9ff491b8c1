//! An argument of a synchronous tool is held while services are awaited, and may belong to one thread.
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

/// Counts slowly.
#[scoped_tool]
pub fn count(names: Names) -> u32 {
    *names.0
}

fn main() {}
