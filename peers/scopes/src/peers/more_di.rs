//! more-di: flat scopes; a scope within a scope is another of the same.

use std::sync::Arc;

use di::{ServiceCollection, ServiceProvider, existing_as_self, scoped_factory};

use crate::arcs::{Auth, Permissions, Store, Workflows};
use crate::registered::{N0, each_of_1, each_of_10, each_of_16, each_of_100};
use crate::{Cannot, Case, SYNCHRONOUS, TOO_MANY, Work};

fn app() -> ServiceProvider {
    ServiceCollection::new()
        .add(existing_as_self(Store::new()))
        .add(scoped_factory(|_| Arc::new(Auth::new())))
        .add(scoped_factory(|services| Arc::new(Permissions::new(services.get_required()))))
        .add(scoped_factory(|services| {
            Arc::new(Workflows::new(services.get_required(), services.get_required()))
        }))
        .build_provider()
        .expect("nothing is missing")
}

macro_rules! many {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        resolving(
            ServiceCollection::new()
                $(.add(scoped_factory(|_| Arc::new(crate::registered::$service::new()))))*
                .build_provider()
                .expect("nothing is missing"),
            |request| request.get_required::<N0>().state.read(),
        )
    };
}

fn resolving(app: ServiceProvider, resolve: fn(&ServiceProvider) -> usize) -> Work {
    Box::new(move || resolve(&app.create_scope()))
}

pub(crate) fn prepare(case: Case) -> Result<Work, Cannot> {
    Ok(match case {
        Case::Three => resolving(app(), |request| request.get_required::<Workflows>().read()),
        Case::OneOfThree => resolving(app(), |request| request.get_required::<Auth>().state.read()),
        Case::OneOfSixteen => each_of_16!(many),
        Case::Nested => return Err("a scope does not see what the one around it has built"),
        Case::ThreeAsync => return Err(SYNCHRONOUS),
        Case::Registered(1) => each_of_1!(many),
        Case::Registered(10) => each_of_10!(many),
        Case::Registered(100) => each_of_100!(many),
        Case::Registered(_) => return Err(TOO_MANY),
    })
}
