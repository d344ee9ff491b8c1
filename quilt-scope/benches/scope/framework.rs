//! Done by the framework.

use std::hint::black_box;

use quilt_scope::{Scope, Slot, service};

use crate::contenders::services::{
    AsyncAuth, AsyncPermissions, AsyncWorkflows, Auth, Permissions, Store, Workflows,
};
use crate::contenders::work::{State, ready};

#[derive(Scope)]
pub(crate) struct App {
    store: Slot<Store>,
}

impl App {
    pub(crate) fn started() -> Self {
        let app = Self::open();
        black_box(app.store.fill(Store::new()).is_ok());
        app
    }

    pub(crate) fn store(&self) -> &Store {
        self.store.get().expect("filled when it started")
    }
}

#[derive(Scope)]
struct Request<'req> {
    #[scope(parent)]
    app: &'req App,
    workflows: Slot<Workflows<'req>>,
    permissions: Slot<Permissions<'req>>,
    auth: Slot<Auth>,
}

#[derive(Scope)]
struct AsyncRequest<'req> {
    #[scope(parent)]
    app: &'req App,
    workflows: Slot<AsyncWorkflows<'req>>,
    permissions: Slot<AsyncPermissions<'req>>,
    auth: Slot<AsyncAuth>,
}

#[derive(Scope)]
struct Outer<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

#[derive(Scope)]
struct Inner<'req, 'step> {
    #[scope(parent)]
    outer: &'req Outer<'req>,
    workflows: Slot<Workflows<'step>>,
    permissions: Slot<Permissions<'step>>,
}

macro_rules! sixteen {
    ($($field:ident: $service:ident),*) => {
        $(
            pub(crate) struct $service {
                pub(crate) state: State,
            }

            #[service]
            impl $service {
                #[inline]
                pub(crate) fn new() -> Self {
                    Self { state: State::new() }
                }
            }
        )*

        #[derive(Scope)]
        struct Sixteen<'req> {
            #[scope(parent)]
            app: &'req App,
            $($field: Slot<$service>,)*
        }

        // Only the ninth is asked for; the others are there to be opened and dropped.
        const _: () = {
            $(let _ = |service: &$service| service.state.read();)*
        };
    };
}

sixteen!(
    first: First, second: Second, third: Third, fourth: Fourth, fifth: Fifth, sixth: Sixth, seventh: Seventh,
    eighth: Eighth, ninth: Ninth, tenth: Tenth, eleventh: Eleventh, twelfth: Twelfth, thirteenth: Thirteenth,
    fourteenth: Fourteenth, fifteenth: Fifteenth, sixteenth: Sixteenth
);

pub(crate) fn three(app: &App) -> usize {
    let scope = Request::open(app);
    let Ok(Ok(workflows)) = scope.get::<Workflows<'_>>().try_now() else { return 0 };
    workflows.read()
}

pub(crate) fn one_of_three(app: &App) -> usize {
    let scope = Request::open(app);
    let Ok(Ok(auth)) = scope.get::<Auth>().try_now() else { return 0 };
    auth.state.read()
}

pub(crate) fn one_of_sixteen(app: &App) -> usize {
    let scope = Sixteen::open(app);
    let Ok(Ok(ninth)) = scope.get::<Ninth>().try_now() else { return 0 };
    ninth.state.read()
}

pub(crate) fn nested(app: &App) -> usize {
    let outer = Outer::open(app);
    let inner = Inner::open(&outer);
    let Ok(Ok(workflows)) = inner.get::<Workflows<'_>>().try_now() else { return 0 };
    workflows.read()
}

pub(crate) fn three_async(app: &App) -> usize {
    let scope = AsyncRequest::open(app);
    ready(async { scope.get::<AsyncWorkflows<'_>>().await.map_or(0, AsyncWorkflows::read) })
}
