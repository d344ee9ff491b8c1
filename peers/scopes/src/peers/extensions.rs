//! Request extensions, as axum's users do: a layer puts every service in, a handler takes out what it needs.

use std::sync::Arc;

use http::Extensions;

use crate::arcs::{Auth, Permissions, Store, Workflows};
use crate::contenders::work::ready;
use crate::registered::{N0, each_of_1, each_of_10, each_of_16, each_of_100};
use crate::{Cannot, Case, TOO_MANY, Work, eight_times};

fn layer(store: &Arc<Store>) -> Extensions {
    let mut extensions = Extensions::new();
    let auth = Arc::new(Auth::new());
    let permissions = Arc::new(Permissions::new(auth.clone()));
    let workflows = Arc::new(Workflows::new(permissions.clone(), store.clone()));
    extensions.insert(auth);
    extensions.insert(permissions);
    extensions.insert(workflows);
    extensions
}

async fn async_layer(store: &Arc<Store>) -> Extensions {
    let mut extensions = Extensions::new();
    let auth = async { Arc::new(Auth::new()) }.await;
    let permissions = async { Arc::new(Permissions::new(auth.clone())) }.await;
    let workflows = async { Arc::new(Workflows::new(permissions.clone(), store.clone())) }.await;
    extensions.insert(auth);
    extensions.insert(permissions);
    extensions.insert(workflows);
    extensions
}

fn take<T: Clone + Send + Sync + 'static>(extensions: &Extensions) -> T {
    extensions.get::<T>().cloned().expect("the layer put it in")
}

macro_rules! one_of {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        Box::new(|| {
            let mut extensions = Extensions::new();
            $(extensions.insert(Arc::new(crate::registered::$service::new()));)*
            take::<Arc<N0>>(&extensions).state.read()
        })
    };
}

pub(crate) fn prepare(case: Case) -> Result<Work, Cannot> {
    let store = Arc::new(Store::new());
    Ok(match case {
        Case::Three => Box::new(move || take::<Arc<Workflows>>(&layer(&store)).read()),
        Case::OneOfThree => Box::new(move || take::<Arc<Auth>>(&layer(&store)).state.read()),
        Case::OneOfSixteen => each_of_16!(one_of),
        Case::Nested => return Err("a request has one set of extensions"),
        Case::ThreeAsync => {
            Box::new(move || ready(async { take::<Arc<Workflows>>(&async_layer(&store).await).read() }))
        }
        Case::Registered(1) => each_of_1!(one_of),
        Case::Registered(10) => each_of_10!(one_of),
        Case::Registered(100) => each_of_100!(one_of),
        Case::Registered(_) => return Err(TOO_MANY),
    })
}

pub(crate) fn eight_at_once() {
    eight_times(|| async {
        let mut extensions = Extensions::new();
        extensions.insert(Arc::new(Auth::slowly().await));
        take::<Arc<Auth>>(&extensions).state.read()
    });
}
