//! shaku: a module for each request over the module of the process, its components built when they are first asked for.

use std::hint::black_box;
use std::sync::Arc;

use shaku::{Component, HasComponent, Interface, module};

use crate::contenders::work::State;
use crate::{Cannot, Case, SYNCHRONOUS, TOO_MANY, Work};

trait Read: Interface {
    fn read(&self) -> usize;
}

trait Store: Read {}
trait Auth: Read {}
trait Permissions: Read {}
trait Workflows: Read {}

#[derive(Component)]
#[shaku(interface = Store)]
struct StoreImpl {
    #[shaku(default = State::new())]
    state: State,
}

#[derive(Component)]
#[shaku(interface = Auth)]
struct AuthImpl {
    #[shaku(default = State::new())]
    state: State,
}

#[derive(Component)]
#[shaku(interface = Permissions)]
struct PermissionsImpl {
    #[shaku(inject)]
    auth: Arc<dyn Auth>,
    #[shaku(default = State::new())]
    state: State,
}

#[derive(Component)]
#[shaku(interface = Workflows)]
struct WorkflowsImpl {
    #[shaku(inject)]
    permissions: Arc<dyn Permissions>,
    #[shaku(inject)]
    store: Arc<dyn Store>,
    #[shaku(default = State::new())]
    state: State,
}

impl Read for StoreImpl {
    fn read(&self) -> usize {
        self.state.read()
    }
}

impl Read for AuthImpl {
    fn read(&self) -> usize {
        self.state.read()
    }
}

impl Read for PermissionsImpl {
    fn read(&self) -> usize {
        self.auth.read() + self.state.read()
    }
}

impl Read for WorkflowsImpl {
    fn read(&self) -> usize {
        self.permissions.read() + self.store.read() + self.state.read()
    }
}

impl Store for StoreImpl {}
impl Auth for AuthImpl {}
impl Permissions for PermissionsImpl {}
impl Workflows for WorkflowsImpl {}

trait Root: HasComponent<dyn Store> {}
trait Outer: HasComponent<dyn Auth> {}

module! {
    RootModule: Root {
        components = [StoreImpl],
        providers = []
    }
}

module! {
    RequestModule {
        components = [#[lazy] AuthImpl, #[lazy] PermissionsImpl, #[lazy] WorkflowsImpl],
        providers = [],
        use dyn Root {
            components = [dyn Store],
            providers = []
        }
    }
}

module! {
    OuterModule: Outer {
        components = [#[lazy] AuthImpl],
        providers = []
    }
}

module! {
    InnerModule {
        components = [#[lazy] PermissionsImpl, #[lazy] WorkflowsImpl],
        providers = [],
        use dyn Root {
            components = [dyn Store],
            providers = []
        },
        use dyn Outer {
            components = [dyn Auth],
            providers = []
        }
    }
}

macro_rules! components {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        $(
            pub(super) trait $interface: super::Read {}

            #[derive(Component)]
            #[shaku(interface = $interface)]
            pub(super) struct $service {
                #[shaku(default = State::new())]
                state: State,
            }

            impl super::Read for $service {
                fn read(&self) -> usize {
                    self.state.read()
                }
            }

            impl $interface for $service {}
        )*
    };
}

mod numbered {
    use shaku::Component;

    use crate::contenders::work::State;

    crate::registered::each_of_100!(components);
}

macro_rules! module_of {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        use super::numbered::*;
        use super::HasComponent as _;

        shaku::module! {
            Many {
                components = [$(#[lazy] $service),*],
                providers = []
            }
        }

        pub(super) fn one() -> crate::Work {
            Box::new(|| {
                let request = Many::builder().build();
                let service: &dyn I0 = request.resolve_ref();
                service.read()
            })
        }
    };
}

mod one {
    crate::registered::each_of_1!(module_of);
}
mod ten {
    crate::registered::each_of_10!(module_of);
}
mod sixteen {
    crate::registered::each_of_16!(module_of);
}
mod hundred {
    crate::registered::each_of_100!(module_of);
}

pub(crate) fn prepare(case: Case) -> Result<Work, Cannot> {
    let root: Arc<dyn Root> = Arc::new(RootModule::builder().build());
    Ok(match case {
        Case::Three => Box::new(move || {
            let request = RequestModule::builder(black_box(&root).clone()).build();
            let workflows: &dyn Workflows = request.resolve_ref();
            workflows.read()
        }),
        Case::OneOfThree => Box::new(move || {
            let request = RequestModule::builder(black_box(&root).clone()).build();
            let auth: &dyn Auth = request.resolve_ref();
            auth.read()
        }),
        Case::OneOfSixteen => sixteen::one(),
        Case::Nested => Box::new(move || {
            let outer: Arc<dyn Outer> = Arc::new(OuterModule::builder().build());
            let inner = InnerModule::builder(black_box(&root).clone(), outer).build();
            let workflows: &dyn Workflows = inner.resolve_ref();
            workflows.read()
        }),
        Case::ThreeAsync => return Err(SYNCHRONOUS),
        Case::Registered(1) => one::one(),
        Case::Registered(10) => ten::one(),
        Case::Registered(100) => hundred::one(),
        Case::Registered(_) => return Err(TOO_MANY),
    })
}
