//! dill: a request is a chained catalog with a cache of its own.

use std::sync::Arc;

use dill::Catalog;
use dill::scopes::TransactionCache;

use crate::arcs::{Auth, Permissions, Store, Workflows};
use crate::registered::{each_of_1, each_of_10, each_of_16, each_of_100};
use crate::{Cannot, Case, SYNCHRONOUS, TOO_MANY, Work};

fn app() -> Catalog {
    Catalog::builder().add_value(Store::new()).add::<Auth>().add::<Permissions>().add::<Workflows>().build()
}

fn resolving(app: Catalog, resolve: fn(&Catalog) -> usize) -> Work {
    Box::new(move || resolve(&app.builder_chained().add_value(TransactionCache::new()).build()))
}

macro_rules! components {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        $(
            pub(super) struct $service {
                pub(super) state: State,
            }

            #[dill::component(pub)]
            #[dill::scope(Transaction)]
            impl $service {
                pub fn new() -> Self {
                    Self { state: State::new() }
                }
            }

            const _: fn(&$service) -> usize = |service| service.state.read();
        )*
    };
}

mod numbered {
    use dill::scopes::Transaction;

    use crate::contenders::work::State;

    crate::registered::each_of_100!(components);
}

macro_rules! one_of {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        resolving(Catalog::builder()$(.add::<numbered::$service>())*.build(), |request| {
            get::<numbered::N0>(request).state.read()
        })
    };
}

fn get<T: Send + Sync + 'static>(catalog: &Catalog) -> Arc<T> {
    catalog.get_one::<T>().expect("it was added")
}

pub(crate) fn prepare(case: Case) -> Result<Work, Cannot> {
    Ok(match case {
        Case::Three => resolving(app(), |request| get::<Workflows>(request).read()),
        Case::OneOfThree => resolving(app(), |request| get::<Auth>(request).state.read()),
        Case::OneOfSixteen => each_of_16!(one_of),
        Case::Nested => return Err("has one transaction; another scope is written by hand"),
        Case::ThreeAsync => return Err(SYNCHRONOUS),
        Case::Registered(1) => each_of_1!(one_of),
        Case::Registered(10) => each_of_10!(one_of),
        Case::Registered(100) => each_of_100!(one_of),
        Case::Registered(_) => return Err(TOO_MANY),
    })
}
