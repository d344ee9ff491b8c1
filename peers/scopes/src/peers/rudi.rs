//! rudi: no request scope, so each request gets a `Context` of its own. What is shared in it is cloned: `Arc`s.

use std::sync::Arc;

use rudi::{Context, DynProvider, Module, modules, providers, singleton, singleton_async};

use crate::arcs::{Auth, Permissions, Store, Workflows};
use crate::contenders::work::ready;
use crate::registered::{N0, each_of_1, each_of_10, each_of_16, each_of_100};
use crate::{Cannot, Case, TOO_MANY, Work, eight_times};

struct Services;

impl Module for Services {
    fn providers() -> Vec<DynProvider> {
        providers![
            singleton(|_| Arc::new(Auth::new())),
            singleton(|context| Arc::new(Permissions::new(context.resolve()))),
            singleton(|context| Arc::new(Workflows::new(context.resolve(), context.resolve()))),
        ]
    }
}

struct AsyncServices;

impl Module for AsyncServices {
    fn providers() -> Vec<DynProvider> {
        providers![
            singleton_async(|_| Box::pin(async { Arc::new(Auth::new()) })),
            singleton_async(|context| {
                Box::pin(async { Arc::new(Permissions::new(context.resolve_async().await)) })
            }),
            singleton_async(|context| {
                Box::pin(async {
                    let permissions = context.resolve_async().await;
                    Arc::new(Workflows::new(permissions, context.resolve_async().await))
                })
            }),
        ]
    }
}

struct SlowService;

impl Module for SlowService {
    fn providers() -> Vec<DynProvider> {
        providers![singleton_async(|_| Box::pin(async { Arc::new(Auth::slowly().await) }))]
    }
}

macro_rules! many {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {{
        struct Many;
        impl Module for Many {
            fn providers() -> Vec<DynProvider> {
                providers![$(singleton(|_| Arc::new(crate::registered::$service::new()))),*]
            }
        }
        Box::new(|| Context::create(modules![Many]).resolve::<Arc<N0>>().state.read())
    }};
}

pub(crate) fn prepare(case: Case) -> Result<Work, Cannot> {
    let store = Arc::new(Store::new());
    Ok(match case {
        Case::Three => Box::new(move || {
            let mut context = Context::options().singleton(store.clone()).create(modules![Services]);
            context.resolve::<Arc<Workflows>>().read()
        }),
        Case::OneOfThree => Box::new(move || {
            let mut context = Context::options().singleton(store.clone()).create(modules![Services]);
            context.resolve::<Arc<Auth>>().state.read()
        }),
        Case::OneOfSixteen => each_of_16!(many),
        Case::Nested => return Err("contexts do not nest"),
        Case::ThreeAsync => Box::new(move || {
            ready(async {
                let mut context =
                    Context::options().singleton(store.clone()).create_async(modules![AsyncServices]).await;
                context.resolve_async::<Arc<Workflows>>().await.read()
            })
        }),
        Case::Registered(1) => each_of_1!(many),
        Case::Registered(10) => each_of_10!(many),
        Case::Registered(100) => each_of_100!(many),
        Case::Registered(_) => return Err(TOO_MANY),
    })
}

pub(crate) fn eight_at_once() {
    eight_times(|| async {
        let mut context = Context::create_async(modules![SlowService]).await;
        context.resolve_async::<Arc<Auth>>().await.state.read()
    });
}
