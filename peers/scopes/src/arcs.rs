//! By hand with `Arc`s: what one writes so that services own what they need. And the services of all peers that own so.

use std::hint::black_box;
use std::sync::{Arc, OnceLock};

use dill::scopes::Transaction;
use tokio::sync::OnceCell;

use crate::contenders::work::{State, ready};
use crate::{Cannot, Case, Work, eight_times, slowly};

pub(crate) struct Store {
    pub(crate) state: State,
}

pub(crate) struct Auth {
    pub(crate) state: State,
}

pub(crate) struct Permissions {
    auth: Arc<Auth>,
    state: State,
}

pub(crate) struct Workflows {
    permissions: Arc<Permissions>,
    store: Arc<Store>,
    state: State,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self { state: State::new() }
    }
}

// For dill, which reads the constructor. Nobody else sees the attributes.
#[dill::component(pub)]
#[dill::scope(Transaction)]
impl Auth {
    #[inline]
    pub fn new() -> Self {
        Self { state: State::new() }
    }
}

impl Auth {
    pub(crate) async fn slowly() -> Self {
        slowly().await;
        Self::new()
    }
}

#[dill::component(pub)]
#[dill::scope(Transaction)]
impl Permissions {
    #[inline]
    pub fn new(auth: Arc<Auth>) -> Self {
        Self { auth, state: State::new() }
    }
}

#[dill::component(pub)]
#[dill::scope(Transaction)]
impl Workflows {
    #[inline]
    pub fn new(permissions: Arc<Permissions>, store: Arc<Store>) -> Self {
        Self { permissions, store, state: State::new() }
    }
}

impl Workflows {
    #[inline]
    pub(crate) fn read(&self) -> usize {
        self.permissions.auth.state.read()
            + self.permissions.state.read()
            + self.store.state.read()
            + self.state.read()
    }
}

#[derive(Default)]
struct Request {
    auth: OnceLock<Arc<Auth>>,
    permissions: OnceLock<Arc<Permissions>>,
    workflows: OnceLock<Arc<Workflows>>,
}

impl Request {
    fn auth(&self) -> Arc<Auth> {
        self.auth.get_or_init(|| Arc::new(Auth::new())).clone()
    }

    fn permissions(&self) -> Arc<Permissions> {
        self.permissions.get_or_init(|| Arc::new(Permissions::new(self.auth()))).clone()
    }

    fn workflows(&self, store: &Arc<Store>) -> Arc<Workflows> {
        self.workflows.get_or_init(|| Arc::new(Workflows::new(self.permissions(), store.clone()))).clone()
    }
}

/// The inner of two scopes.
struct Step {
    request: Arc<Request>,
    permissions: OnceLock<Arc<Permissions>>,
    workflows: OnceLock<Arc<Workflows>>,
}

impl Step {
    fn permissions(&self) -> Arc<Permissions> {
        self.permissions.get_or_init(|| Arc::new(Permissions::new(self.request.auth()))).clone()
    }

    fn workflows(&self, store: &Arc<Store>) -> Arc<Workflows> {
        self.workflows.get_or_init(|| Arc::new(Workflows::new(self.permissions(), store.clone()))).clone()
    }
}

#[derive(Default)]
struct AsyncRequest {
    auth: OnceCell<Arc<Auth>>,
    permissions: OnceCell<Arc<Permissions>>,
    workflows: OnceCell<Arc<Workflows>>,
}

impl AsyncRequest {
    async fn auth(&self) -> Arc<Auth> {
        self.auth.get_or_init(|| async { Arc::new(Auth::new()) }).await.clone()
    }

    async fn permissions(&self) -> Arc<Permissions> {
        self.permissions.get_or_init(|| async { Arc::new(Permissions::new(self.auth().await)) }).await.clone()
    }

    async fn workflows(&self, store: &Arc<Store>) -> Arc<Workflows> {
        self.workflows
            .get_or_init(|| async { Arc::new(Workflows::new(self.permissions().await, store.clone())) })
            .await
            .clone()
    }
}

pub(crate) fn prepare(case: Case) -> Result<Work, Cannot> {
    let store = Arc::new(Store::new());
    Ok(match case {
        Case::Three => Box::new(move || Request::default().workflows(&store).read()),
        Case::OneOfThree => Box::new(|| Request::default().auth().state.read()),
        Case::OneOfSixteen => one_of::<16>(),
        Case::Nested => Box::new(move || {
            let request = Arc::new(Request::default());
            let step = Step { request, permissions: OnceLock::new(), workflows: OnceLock::new() };
            step.workflows(&store).read()
        }),
        Case::ThreeAsync => {
            Box::new(move || ready(async { AsyncRequest::default().workflows(&store).await.read() }))
        }
        Case::Registered(1) => one_of::<1>(),
        Case::Registered(10) => one_of::<10>(),
        Case::Registered(100) => one_of::<100>(),
        Case::Registered(_) => one_of::<1000>(),
    })
}

fn one_of<const N: usize>() -> Work {
    Box::new(|| {
        let scope: [OnceLock<Arc<Auth>>; N] = [const { OnceLock::new() }; N];
        black_box(&scope)[0].get_or_init(|| Arc::new(Auth::new())).state.read()
    })
}

pub(crate) fn eight_at_once() {
    eight_times(|| async {
        let slot: OnceCell<Arc<Auth>> = OnceCell::new();
        slot.get_or_init(|| async { Arc::new(Auth::slowly().await) }).await.state.read()
    });
}
