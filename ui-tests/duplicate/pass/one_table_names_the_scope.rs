//! Of the tables of a scope one names it, wherever it stands and whoever sees its tools, and each has the tools that it lists.
use quilt_scope::{Scope, ToolSet, scoped_tool, tool_set};

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    limit: u32,
}

/// Adds.
#[scoped_tool(read_only)]
pub fn add(limit: &u32, left: u32) -> u32 {
    limit + left
}

mod all {
    use super::{RequestScope, add};
    use quilt_scope::{ToolSet, scoped_tool, tool_set};

    mod more {
        /// Twice.
        #[quilt_scope::scoped_tool(read_only)]
        pub(super) fn double(number: u32) -> u32 {
            number * 2
        }

        /// Adds more.
        #[quilt_scope::scoped_tool(read_only, name = "add_more")]
        pub(super) fn add(left: u32, right: u32) -> u32 {
            left + right
        }
    }

    /// As it is.
    #[scoped_tool(read_only)]
    fn same(limit: &u32) -> u32 {
        *limit
    }

    pub fn tools() -> ToolSet<RequestScope<'static>> {
        tool_set![RequestScope<'static>: add, more::double, more::add, same]
    }
}

pub fn some() -> ToolSet<RequestScope<'static>> {
    tool_set![add]
}

fn main() {
    assert_eq!(all::tools().descriptors().len(), 4);
    assert_eq!(some().descriptors().len(), 1);
}
