//! A tool of the request asks for a service that a scope opened under the request keeps: told as missing, with a hint.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Step {
    pub number: u32,
}

#[service]
impl Step {
    pub fn new() -> Self {
        Self { number: 1 }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

#[derive(Scope)]
pub struct StepScope<'req, 'step> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    name: &'step str,
    step: Slot<Step>,
}

/// Which step it is.
#[scoped_tool(read_only)]
pub fn number(step: &Step) -> u32 {
    step.number
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![number]
}

fn main() {}
