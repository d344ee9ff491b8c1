//! A container keeps a type that nobody has said how to build, is named by a table, and is opened where nothing runs it.
use std::sync::Arc;

use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Auth {
    pub key: String,
}

pub struct Clock {
    pub now: u64,
}

#[service]
impl Clock {
    pub fn new() -> Self {
        Self { now: 0 }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
    clock: Slot<Clock>,
}

/// Who asks.
#[scoped_tool(read_only)]
pub fn who(auth: &Auth, clock: &Clock) -> String {
    format!("{} at {}", auth.key, clock.now)
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: who]
}

pub fn opened(app: &App) -> bool {
    let scope = RequestScope::open(app);
    scope.clock.get().is_none()
}

pub async fn asked(app: &App) -> u64 {
    let scope = RequestScope::open(app);
    scope.get::<Clock>().await.map_or(0, |clock| clock.now)
}

pub fn spawned(app: Arc<App>) {
    tokio::spawn(async move {
        let scope = RequestScope::open(&app);
        scope.get::<Clock>().await.map_or(0, |clock| clock.now)
    });
}

fn main() {}
