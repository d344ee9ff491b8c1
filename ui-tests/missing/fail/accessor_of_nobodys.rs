//! An accessor stands for a service that no scope builds.
use quilt_scope::{Scope, ToolSet, scoped_tool, service, tool_set};

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
}

#[scoped_tool(accessors(auth_service: Auth))]
fn count() -> usize {
    auth_service().key.len()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![count]
}

fn main() {}
