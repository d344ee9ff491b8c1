//! A container for tests provides the same from somewhere else.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Auth {
    pub key: String,
}

#[service]
impl Auth {
    pub fn new() -> Self {
        Self { key: String::new() }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

#[derive(Scope)]
pub struct TestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    auth: Auth,
}

/// Who asks.
#[scoped_tool(read_only)]
pub fn who(auth: &Auth) -> String {
    auth.key.clone()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![who]
}

pub fn tools_under_test() -> ToolSet<TestScope<'static>> {
    tool_set![who]
}

fn main() {}
