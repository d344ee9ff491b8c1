//! A tool may be in two sets, and two functions of one name have names of their own.
use quilt_scope::{Scope, ToolSet, scoped_tool, tool_set};

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

mod whole {
    /// Adds.
    #[quilt_scope::scoped_tool(read_only)]
    pub fn add(left: u32, right: u32) -> u32 {
        left + right
    }
}

/// Adds.
#[scoped_tool(read_only, name = "add_fractions")]
pub fn add(left: f64, right: f64) -> f64 {
    left + right
}

pub fn all() -> ToolSet<RequestScope<'static>> {
    tool_set![whole::add, add]
}

pub fn some() -> ToolSet<RequestScope<'static>> {
    tool_set![add]
}

fn main() {}
