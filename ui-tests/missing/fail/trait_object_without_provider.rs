//! A service asks for a trait object, and no field says that it provides it.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub trait Credentials: Send + Sync {
    fn key(&self) -> String;
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

impl Credentials for Auth {
    fn key(&self) -> String {
        self.key.clone()
    }
}

pub struct Client<'req> {
    pub credentials: &'req dyn Credentials,
}

#[service]
impl<'req> Client<'req> {
    pub fn new(credentials: &'req dyn Credentials) -> Self {
        Self { credentials }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    client: Slot<Client<'req>>,
    auth: Slot<Auth>,
}

/// Shows the key.
#[scoped_tool(read_only)]
pub fn key(client: &Client<'_>) -> String {
    client.credentials.key()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: key]
}

fn main() {}
