//! froodi's synchronous container.

use std::sync::Arc;

use froodi::DefaultScope::{Action, App, Request};
use froodi::{Container, Inject, registry};

use crate::arcs::{Auth, Permissions, Store, Workflows};
use crate::registered::{N0, each_of_1, each_of_10, each_of_16, each_of_100};
use crate::{Cannot, Case, TOO_MANY, Work};

fn app() -> Container {
    let app = Container::new(registry! {
        provide(App, || Ok(Store::new())),
        scope(Request) [
            provide(|| Ok(Auth::new())),
            provide(|Inject(auth): Inject<Auth>| Ok(Permissions::new(auth))),
            provide(|Inject(permissions): Inject<Permissions>, Inject(store): Inject<Store>| {
                Ok(Workflows::new(permissions, store))
            }),
        ],
    });
    app.get::<Store>().expect("it is provided");
    app
}

fn nested_app() -> Container {
    let app = Container::new(registry! {
        provide(App, || Ok(Store::new())),
        provide(Request, || Ok(Auth::new())),
        scope(Action) [
            provide(|Inject(auth): Inject<Auth>| Ok(Permissions::new(auth))),
            provide(|Inject(permissions): Inject<Permissions>, Inject(store): Inject<Store>| {
                Ok(Workflows::new(permissions, store))
            }),
        ],
    });
    app.get::<Store>().expect("it is provided");
    app
}

macro_rules! many {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        resolving(
            Container::new(registry! {
                scope(Request) [ $(provide(|| Ok(crate::registered::$service::new()))),* ]
            }),
            |request| get::<N0>(request).state.read(),
        )
    };
}

fn get<T: Send + Sync + 'static>(container: &Container) -> Arc<T> {
    container.get::<T>().expect("it is provided")
}

fn resolving(app: Container, resolve: fn(&Container) -> usize) -> Work {
    Box::new(move || {
        let request = app.clone().enter_build().expect("there is a next scope");
        let read = resolve(&request);
        request.close();
        read
    })
}

pub(crate) fn prepare(case: Case) -> Result<Work, Cannot> {
    Ok(match case {
        Case::Three => resolving(app(), |request| get::<Workflows>(request).read()),
        Case::OneOfThree => resolving(app(), |request| get::<Auth>(request).state.read()),
        Case::OneOfSixteen => each_of_16!(many),
        Case::Nested => resolving(nested_app(), |request| {
            let action = request.clone().enter_build().expect("there is a next scope");
            let read = get::<Workflows>(&action).read();
            action.close();
            read
        }),
        Case::ThreeAsync => return Err("has a container of its own for it: the next row"),
        Case::Registered(1) => each_of_1!(many),
        Case::Registered(10) => each_of_10!(many),
        Case::Registered(100) => each_of_100!(many),
        Case::Registered(_) => return Err(TOO_MANY),
    })
}
