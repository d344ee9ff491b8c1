//! A tool asks for what the scope does not provide, and would notice only when it uses it.
use quilt_scope::{Lazy, Scope, ScopeError, ToolSet, scoped_tool, tool_set};

pub struct Clock {
    pub now: u64,
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

/// What time it is.
#[scoped_tool(read_only)]
pub async fn time(clock: Lazy<'_, Clock>) -> Result<u64, ScopeError> {
    Ok(clock.get().await?.now)
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![time]
}

fn main() {}
