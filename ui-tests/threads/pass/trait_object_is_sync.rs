//! A trait object that is `Sync`, because its trait is.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub trait Place: Sync {
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
pub async fn where_to(place: &dyn Place) -> String {
    std::future::ready(()).await;
    place.name()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![where_to]
}

fn main() {}
