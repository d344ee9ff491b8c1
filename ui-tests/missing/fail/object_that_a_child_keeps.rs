//! A service of the request asks for a trait object that a scope opened under the request keeps: told as missing, with a hint.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub trait Named: Sync {
    fn name(&self) -> &'static str;
}

pub struct Step {}

#[service]
impl Step {
    pub fn new() -> Self {
        Self {}
    }
}

impl Named for Step {
    fn name(&self) -> &'static str {
        "step"
    }
}

pub struct Audit<'req> {
    pub named: &'req dyn Named,
}

#[service]
impl<'req> Audit<'req> {
    pub fn new(named: &'req dyn Named) -> Self {
        Self { named }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    audit: Slot<Audit<'req>>,
}

#[derive(Scope)]
pub struct StepScope<'req> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(provides = dyn Named)]
    step: Slot<Step>,
}

/// Names it.
#[scoped_tool(read_only)]
pub fn name(audit: &Audit<'_>) -> String {
    audit.named.name().to_owned()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: name]
}

fn main() {}
