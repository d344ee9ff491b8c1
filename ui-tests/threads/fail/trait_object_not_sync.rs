//! A tool takes a trait object that may belong to one thread.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub trait Place {
    fn name(&self) -> String;
}

pub struct Region {
    pub name: String,
}

#[service]
impl Region {
    pub fn new() -> Self {
        Self { name: String::new() }
    }
}

impl Place for Region {
    fn name(&self) -> String {
        self.name.clone()
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(provides = dyn Place)]
    region: Slot<Region>,
}

/// Says where.
#[scoped_tool]
pub fn where_to(place: &dyn Place) -> String {
    place.name()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: where_to]
}

fn main() {}
