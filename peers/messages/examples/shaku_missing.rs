//! A service asks for what nobody provides.
use std::sync::Arc;

use shaku::{Component, HasComponent, Interface, module};

pub trait Auth: Interface {}
pub trait Permissions: Interface {}

#[derive(Component)]
#[shaku(interface = Permissions)]
pub struct PermissionsImpl {
    #[shaku(inject)]
    pub auth: Arc<dyn Auth>,
}

impl Permissions for PermissionsImpl {}

module! {
    pub RequestModule {
        components = [PermissionsImpl],
        providers = []
    }
}

fn main() {
    let module = RequestModule::builder().build();
    let _: &dyn Permissions = module.resolve_ref();
}
