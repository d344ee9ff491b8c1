//! A service of a request that lists what it inherits asks for one of a narrower scope opened under it.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Config {
    pub name: String,
}

pub struct Step {
    pub number: u32,
}

#[service]
impl Step {
    pub fn new() -> Self {
        Self { number: 1 }
    }
}

pub struct Audit<'req> {
    pub step: &'req Step,
}

#[service]
impl<'req> Audit<'req> {
    pub fn new(step: &'req Step) -> Self {
        Self { step }
    }
}

#[derive(Scope)]
pub struct App {
    #[scope(seed)]
    config: Config,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent, inherits(Config))]
    app: &'req App,
    audit: Slot<Audit<'req>>,
}

#[derive(Scope)]
pub struct StepScope<'req, 'step> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    name: &'step str,
    step: Slot<Step>,
}

/// Which step.
#[scoped_tool(read_only)]
pub fn number(audit: &Audit<'_>) -> u32 {
    audit.step.number
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: number]
}

fn main() {}
