//! A root has a mistake. What opens it and what opens under it has none.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Config(pub String);

pub struct Pool {
    pub region: String,
}

#[service(singleton)]
impl Pool {
    pub fn new(config: &Config) -> Self {
        Self { region: config.0.clone() }
    }
}

#[derive(Scope)]
pub struct App {
    config: Config,
    pool: Slot<Pool>,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

/// Where it is.
#[scoped_tool(read_only)]
pub fn region(pool: &Pool, config: &Config) -> String {
    pool.region.clone() + &config.0
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![region]
}

fn main() {
    let app = App::open();
    let _ = RequestScope::open(&app);
}
