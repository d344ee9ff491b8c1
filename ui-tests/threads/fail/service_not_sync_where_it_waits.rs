//! A service that threads may not share, taken by what waits, and kept by a service.
use std::rc::Rc;

use quilt_scope::{Lazy, Scope, ScopeError, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Names {
    pub list: Rc<Vec<String>>,
}

#[service]
impl Names {
    pub fn new() -> Self {
        Self { list: Rc::new(Vec::new()) }
    }
}

pub struct Slow {
    pub names: usize,
}

#[service]
impl Slow {
    pub async fn new(names: &Names, later: Lazy<'_, Names>) -> Self {
        tokio::task::yield_now().await;
        drop(later);
        Self { names: names.list.len() }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    slow: Slot<Slow>,
    names: Slot<Names>,
}

/// Counts slowly.
#[scoped_tool(read_only)]
pub async fn slowly(names: &Names, slow: &Slow) -> usize {
    tokio::task::yield_now().await;
    names.list.len() + slow.names
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: slowly]
}

pub async fn handle(app: &App) -> Result<usize, ScopeError> {
    let scope = RequestScope::open(app);
    let body = async { Ok(scope.get::<Names>().await?.list.len()) };
    quilt_scope::run(&scope, body, std::future::pending()).await.finished().unwrap_or(Ok(0))
}

fn main() {}
