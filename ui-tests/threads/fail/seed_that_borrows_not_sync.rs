//! A seed that borrows, and that threads may not share, is in use.
use std::borrow::Cow;
use std::rc::Rc;

use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Names<'req> {
    pub list: Rc<Vec<String>>,
    pub first: Cow<'req, str>,
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    names: Names<'req>,
    count: Slot<Count>,
}

pub struct Count {
    pub names: usize,
}

#[service]
impl Count {
    pub fn new(names: &Names<'_>) -> Self {
        Self { names: names.list.len() }
    }
}

/// Counts slowly.
#[scoped_tool(read_only)]
pub async fn slowly(names: &Names<'_>) -> usize {
    tokio::task::yield_now().await;
    names.list.len()
}

/// Counts.
#[scoped_tool(read_only)]
pub fn at_once(names: &Names<'_>) -> usize {
    names.list.len()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: slowly, at_once]
}

fn main() {}
