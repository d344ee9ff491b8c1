//! A tool returns a copy of what a service has.
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

#[derive(serde::Serialize, schemars::JsonSchema)]
pub struct Answer {
    key: String,
}

/// Tells the key.
#[scoped_tool(read_only)]
pub fn tell(auth: &Auth) -> Answer {
    Answer { key: auth.key.clone() }
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![tell]
}

fn main() {}
