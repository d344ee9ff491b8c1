//! ferrunix: no scoped lifetime, so each request gets a child registry and registers its services in it. A child cannot
//! name what its parent has as a dependency, so the store is fetched by hand.

use std::sync::Arc;

use ferrunix::{Registry, Singleton};

use crate::arcs::{Auth, Permissions, Store, Workflows};
use crate::registered::{N0, each_of_1, each_of_10, each_of_16, each_of_100};
use crate::{Cannot, Case, TOO_MANY, Work};

fn request(root: &Arc<Registry>) -> Arc<Registry> {
    let request = root.child();
    let store = root.singleton::<Store>().expect("it is registered");
    request.register_singleton(Auth::new);
    request.with_deps::<_, (Singleton<Auth>,)>().register_singleton(|(auth,)| Permissions::new(auth.get()));
    request
        .with_deps::<_, (Singleton<Permissions>,)>()
        .register_singleton(move |(permissions,)| Workflows::new(permissions.get(), store.clone()));
    request
}

fn nested(root: &Arc<Registry>) -> usize {
    let request = root.child();
    request.register_singleton(Auth::new);
    let step = request.child();
    let (auth, store) = (
        request.singleton::<Auth>().expect("just registered"),
        root.singleton::<Store>().expect("it is registered"),
    );
    step.register_singleton(move || Permissions::new(auth.clone()));
    step.with_deps::<_, (Singleton<Permissions>,)>()
        .register_singleton(move |(permissions,)| Workflows::new(permissions.get(), store.clone()));
    get::<Workflows>(&step).read()
}

macro_rules! many {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        (|root: &Arc<Registry>| {
            let request = root.child();
            $(request.register_singleton(crate::registered::$service::new);)*
            get::<N0>(&request).state.read()
        })
    };
}

fn resolving(root: Arc<Registry>, resolve: fn(&Arc<Registry>) -> usize) -> Work {
    Box::new(move || resolve(&root))
}

fn get<T: Send + Sync + 'static>(registry: &Registry) -> Arc<T> {
    registry.singleton::<T>().expect("it is registered")
}

pub(crate) fn prepare(case: Case) -> Result<Work, Cannot> {
    let root = Arc::new(Registry::empty());
    root.register_singleton(Store::new);
    Ok(match case {
        Case::Three => Box::new(move || get::<Workflows>(&request(&root)).read()),
        Case::OneOfThree => Box::new(move || get::<Auth>(&request(&root)).state.read()),
        Case::OneOfSixteen => resolving(root, each_of_16!(many)),
        Case::Nested => Box::new(move || nested(&root)),
        Case::ThreeAsync => {
            return Err("its asynchronous form is another build of the whole crate (feature `tokio`)");
        }
        Case::Registered(1) => resolving(root, each_of_1!(many)),
        Case::Registered(10) => resolving(root, each_of_10!(many)),
        Case::Registered(100) => resolving(root, each_of_100!(many)),
        Case::Registered(_) => return Err(TOO_MANY),
    })
}
