//! A root is given what threads may not share; scopes and tools under it see that.
use std::cell::RefCell;

use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Log {
    pub lines: RefCell<Vec<String>>,
}

pub struct Counts {
    pub lines: usize,
}

#[service]
impl Counts {
    pub fn new(log: &Log) -> Self {
        Self { lines: log.lines.borrow().len() }
    }
}

#[derive(Scope)]
pub struct App {
    #[scope(seed)]
    log: Log,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    counts: Slot<Counts>,
}

/// Counts.
#[scoped_tool(read_only)]
pub async fn count(log: &Log, counts: &Counts) -> usize {
    tokio::task::yield_now().await;
    log.lines.borrow().len() + counts.lines
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: count]
}

pub async fn handle(app: &App) -> Option<usize> {
    let scope = RequestScope::open(app);
    let body = async { scope.get::<Counts>().await.map_or(0, |counts| counts.lines) };
    quilt_scope::run(&scope, body, std::future::pending()).await.finished()
}

fn main() {}
