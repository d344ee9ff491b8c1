//! A service that threads may not share is kept by another.
use std::rc::Rc;

use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Names {
    pub list: Rc<Vec<String>>,
}

#[service]
impl Names {
    pub fn new() -> Self {
        Self { list: Rc::new(Vec::new()) }
    }
}

pub struct Count<'req> {
    pub names: &'req Names,
}

#[service]
impl<'req> Count<'req> {
    pub fn new(names: &'req Names) -> Self {
        Self { names }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    count: Slot<Count<'req>>,
    names: Slot<Names>,
}

/// Counts.
#[scoped_tool(read_only)]
pub async fn count(count: &Count<'_>) -> usize {
    tokio::task::yield_now().await;
    count.names.list.len()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: count]
}

fn main() {}
