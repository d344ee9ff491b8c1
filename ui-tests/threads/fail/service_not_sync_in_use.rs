//! A service that threads may not share is in use: by its container, a narrower one, tools and a handler.
use std::rc::Rc;

use quilt_scope::{Lazy, Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Names {
    pub list: Rc<Vec<String>>,
}

#[service]
impl Names {
    pub fn new() -> Self {
        Self { list: Rc::new(Vec::new()) }
    }
}

pub struct Count {
    pub names: usize,
}

#[service]
impl Count {
    pub fn new(names: &Names) -> Self {
        Self { names: names.list.len() }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    count: Slot<Count>,
    names: Slot<Names>,
}

#[derive(Scope)]
pub struct StepScope<'req, 'step> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    number: &'step u32,
}

/// Counts.
#[scoped_tool(read_only)]
pub fn count(names: &Names, count: &Count) -> usize {
    names.list.len() + count.names
}

/// Counts if there is a limit.
#[scoped_tool(read_only)]
pub fn limited(names: Lazy<'_, Names>, limit: usize) -> usize {
    drop(names);
    limit
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: count, limited]
}

pub async fn handle(app: &App) -> usize {
    let scope = RequestScope::open(app);
    let step = StepScope::open(&scope, &1);
    let near = step.get::<Names>().await.map_or(0, |names| names.list.len());
    scope.get::<Names>().await.map_or(near, |names| names.list.len())
}

fn main() {}
