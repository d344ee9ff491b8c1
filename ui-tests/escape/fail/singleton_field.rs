//! A tool puts a service into a singleton, which outlives the request.
use std::sync::Mutex;

use quilt_scope::{Scope, Slot, scoped_tool, service};

#[derive(Default)]
pub struct Recent {
    last: Mutex<Option<&'static Auth>>,
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
pub struct App {
    #[scope(seed)]
    recent: Recent,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

/// Remembers who was here.
#[scoped_tool]
pub fn remember(auth: &Auth, recent: &Recent) -> bool {
    recent.last.lock().map(|mut last| last.replace(auth)).is_ok()
}

fn main() {}
