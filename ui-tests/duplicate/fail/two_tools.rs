//! Two tools of a set have one name.
use quilt_scope::{Scope, ToolSet, scoped_tool, tool_set};

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

/// Adds.
#[scoped_tool]
pub fn add(left: u64, right: u64) -> u64 {
    left + right
}

/// Adds as well.
#[scoped_tool(name = "add")]
pub fn sum(left: u64, right: u64) -> u64 {
    left + right
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![add, sum]
}

fn main() {}
