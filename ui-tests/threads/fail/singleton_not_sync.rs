//! A singleton that threads may not share is in use.
use std::cell::Cell;

use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Counter {
    pub count: Cell<u32>,
}

#[service(singleton)]
impl Counter {
    pub fn new() -> Self {
        Self { count: Cell::new(0) }
    }
}

#[derive(Scope)]
pub struct App {
    counter: Slot<Counter>,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

/// Counts.
#[scoped_tool(read_only)]
pub async fn count(counter: &Counter) -> u32 {
    tokio::task::yield_now().await;
    counter.count.get()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: count]
}

pub async fn handle() -> u32 {
    let app = App::open();
    let scope = RequestScope::open(&app);
    scope.get::<Counter>().await.map_or(0, |counter| counter.count.get())
}

fn main() {}
