//! A field says which trait object it is.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub trait Credentials: Sync {
    fn key(&self) -> &str;
}

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
    #[scope(provides = dyn Credentials)]
    auth: Slot<Auth>,
}

impl Credentials for Auth {
    fn key(&self) -> &str {
        &self.key
    }
}

/// Who asks.
#[scoped_tool(read_only)]
pub fn who(credentials: &dyn Credentials) -> String {
    credentials.key().to_owned()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![who]
}

fn main() {}
