//! nject: scopes are checked when compiling, and built whole when opened. What holds a scoped service cannot be scoped
//! itself, so `Permissions` and `Workflows` are built at each injection.

use nject::{injectable, provider};

use crate::contenders::work::State;
use crate::{Cannot, Case, SYNCHRONOUS, TOO_MANY, Work};

struct Store {
    state: State,
}

#[injectable]
struct Auth {
    #[inject(State::new())]
    state: State,
}

#[injectable]
struct Permissions<'scope> {
    auth: &'scope Auth,
    #[inject(State::new())]
    state: State,
}

#[injectable]
struct Workflows<'scope> {
    permissions: Permissions<'scope>,
    store: &'scope Store,
    #[inject(State::new())]
    state: State,
}

impl Workflows<'_> {
    fn read(&self) -> usize {
        self.permissions.auth.state.read()
            + self.permissions.state.read()
            + self.store.state.read()
            + self.state.read()
    }
}

#[provider]
#[scope(Auth)]
#[scope(inner: #[arg] &'scope Auth)]
struct Root(#[provide] Store);

macro_rules! root_of {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        use nject::{injectable, provider};

        use super::State;

        $(
            #[injectable]
            pub(super) struct $service {
                #[inject(State::new())]
                pub(super) state: State,
            }

            const _: fn(&$service) -> usize = |service| service.state.read();
        )*

        #[provider]
        $(#[scope($service)])*
        pub(super) struct Root;

        pub(super) fn one() -> crate::Work {
            Box::new(|| Root.scope().provide::<&N0>().state.read())
        }
    };
}

mod one {
    crate::registered::each_of_1!(root_of);
}
mod ten {
    crate::registered::each_of_10!(root_of);
}
mod sixteen {
    crate::registered::each_of_16!(root_of);
}
mod hundred {
    crate::registered::each_of_100!(root_of);
}

pub(crate) fn prepare(case: Case) -> Result<Work, Cannot> {
    let root = Root(Store { state: State::new() });
    Ok(match case {
        Case::Three => Box::new(move || root.scope().provide::<Workflows<'_>>().read()),
        Case::OneOfThree => Box::new(move || root.scope().provide::<&Auth>().state.read()),
        Case::OneOfSixteen => sixteen::one(),
        Case::Nested => Box::new(move || {
            let scope = root.scope();
            root.inner_scope(scope.provide::<&Auth>()).provide::<Workflows<'_>>().read()
        }),
        Case::ThreeAsync => return Err(SYNCHRONOUS),
        Case::Registered(1) => one::one(),
        Case::Registered(10) => ten::one(),
        Case::Registered(100) => hundred::one(),
        Case::Registered(_) => return Err(TOO_MANY),
    })
}
