//! Three services need each other in a circle.
use std::sync::Arc;

use shaku::{Component, HasComponent, Interface, module};

pub trait Auth: Interface {}
pub trait Audit: Interface {}
pub trait Clock: Interface {}

#[derive(Component)]
#[shaku(interface = Auth)]
pub struct AuthImpl {
    #[shaku(inject)]
    pub audit: Arc<dyn Audit>,
}

#[derive(Component)]
#[shaku(interface = Audit)]
pub struct AuditImpl {
    #[shaku(inject)]
    pub clock: Arc<dyn Clock>,
}

#[derive(Component)]
#[shaku(interface = Clock)]
pub struct ClockImpl {
    #[shaku(inject)]
    pub auth: Arc<dyn Auth>,
}

impl Auth for AuthImpl {}
impl Audit for AuditImpl {}
impl Clock for ClockImpl {}

module! {
    pub RequestModule {
        components = [AuthImpl, AuditImpl, ClockImpl],
        providers = []
    }
}

fn main() {
    let module = RequestModule::builder().build();
    let _: &dyn Auth = module.resolve_ref();
}
