//! A service is built from a trait object that may belong to one thread.
use quilt_scope::{Scope, Slot, service};

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

pub struct Sign {
    pub text: String,
}

#[service]
impl Sign {
    pub async fn new(place: &dyn Place) -> Self {
        Self { text: place.name() }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    sign: Slot<Sign>,
    #[scope(provides = dyn Place)]
    region: Slot<Region>,
}

fn main() {}
