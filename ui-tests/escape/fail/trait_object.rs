//! A service leaves as a trait object.
use std::fmt::{self, Display, Formatter};

use quilt_scope::{Scope, Slot, service};

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

impl Display for Auth {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("somebody")
    }
}

pub async fn handle(app: &'static App) -> Option<&'static dyn Display> {
    let scope = RequestScope::open(app);
    let auth = scope.get::<Auth>().await.ok()?;
    Some(auth)
}

fn main() {}
