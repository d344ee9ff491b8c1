//! A seed that threads may not share is in use: by services, tools, a narrower scope and a handler.
use std::rc::Rc;

use quilt_scope::{Lazy, Scope, ScopeError, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Names {
    pub list: Rc<Vec<String>>,
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

pub struct Slow {
    pub names: usize,
}

#[service]
impl Slow {
    pub async fn new(names: &Names, count: &Count) -> Self {
        tokio::task::yield_now().await;
        Self { names: names.list.len() + count.names }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    names: &'req Names,
    slow: Slot<Slow>,
    count: Slot<Count>,
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
pub fn count(names: &Names, count: &Count, slow: &Slow) -> usize {
    names.list.len() + count.names + slow.names
}

/// Counts if there is a limit.
#[scoped_tool(read_only)]
pub fn limited(names: Lazy<'_, Names>, limit: usize) -> usize {
    drop(names);
    limit
}

/// Counts slowly.
#[scoped_tool(read_only)]
pub async fn slowly(names: &Names) -> usize {
    tokio::task::yield_now().await;
    names.list.len()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: count, limited, slowly]
}

pub async fn handle(app: &App, names: &Names) -> Result<usize, ScopeError> {
    let scope = RequestScope::open(app, names);
    let body = async { Ok(scope.get::<Names>().await?.list.len() + scope.get::<Count>().await?.names) };
    quilt_scope::run(&scope, body, std::future::pending()).await.finished().unwrap_or(Ok(0))
}

fn main() {}
