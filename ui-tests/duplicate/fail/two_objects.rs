//! Two fields provide the same trait object.
use quilt_scope::{Scope, Slot, service};

pub trait Credentials {}

pub struct Auth {
    pub key: String,
}

#[service]
impl Auth {
    pub fn new() -> Self {
        Self { key: String::new() }
    }
}

impl Credentials for Auth {}

pub struct Fixed;

impl Credentials for Fixed {}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed, provides = dyn Credentials)]
    fixed: Fixed,
    #[scope(provides = dyn Credentials)]
    auth: Slot<Auth>,
}

fn main() {}
