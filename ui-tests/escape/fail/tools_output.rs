//! A tool keeps a service in what it returns.
use quilt_scope::{Scope, Slot, scoped_tool, service};

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
pub struct Answer<'a> {
    key: &'a str,
}

/// Tells the key.
#[scoped_tool]
pub fn tell(auth: &Auth) -> Answer<'static> {
    Answer { key: &auth.key }
}

fn main() {}
