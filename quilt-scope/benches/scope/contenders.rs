//! The work that is measured, done by the framework and by hand.
//!
//! A request authenticates, looks up permissions (which need the authentication) and workflows (which need the
//! permissions and a store of the whole process). Each service owns 64 bytes and one small heap string.
//!
//! The hand-written scopes keep their services in `OnceLock`s and lend them to each other, as one would without a
//! framework: what the framework may cost is measured against that.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use quilt_scope::{Scope, Slot, service};
use tokio::sync::Mutex;

/// What every service owns.
pub(crate) struct State {
    bytes: [u8; 64],
    text: String,
}

impl State {
    #[inline]
    fn new() -> Self {
        Self { bytes: black_box([7; 64]), text: String::from(black_box("twenty-four bytes of it.")) }
    }

    #[inline]
    fn read(&self) -> usize {
        usize::from(self.bytes[black_box(3)]) + self.text.len()
    }
}

pub(crate) struct Store {
    state: State,
}

#[service(singleton)]
impl Store {
    pub(crate) fn new() -> Self {
        Self { state: State::new() }
    }
}

pub(crate) struct Auth {
    state: State,
}

#[service]
impl Auth {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { state: State::new() }
    }
}

pub(crate) struct Permissions<'req> {
    auth: &'req Auth,
    state: State,
}

#[service]
impl<'req> Permissions<'req> {
    #[inline]
    pub(crate) fn new(auth: &'req Auth) -> Self {
        Self { auth, state: State::new() }
    }
}

pub(crate) struct Workflows<'req> {
    permissions: &'req Permissions<'req>,
    store: &'req Store,
    state: State,
}

#[service]
impl<'req> Workflows<'req> {
    #[inline]
    pub(crate) fn new(permissions: &'req Permissions<'req>, store: &'req Store) -> Self {
        Self { permissions, store, state: State::new() }
    }

    #[inline]
    fn read(&self) -> usize {
        self.permissions.auth.state.read()
            + self.permissions.state.read()
            + self.store.state.read()
            + self.state.read()
    }
}

/// The same three with asynchronous constructors that do not have to wait.
pub(crate) struct AsyncAuth {
    state: State,
}

#[service]
impl AsyncAuth {
    #[inline]
    pub(crate) async fn new() -> Self {
        Self { state: State::new() }
    }
}

pub(crate) struct AsyncPermissions<'req> {
    auth: &'req AsyncAuth,
    state: State,
}

#[service]
impl<'req> AsyncPermissions<'req> {
    #[inline]
    pub(crate) async fn new(auth: &'req AsyncAuth) -> Self {
        Self { auth, state: State::new() }
    }
}

pub(crate) struct AsyncWorkflows<'req> {
    permissions: &'req AsyncPermissions<'req>,
    store: &'req Store,
    state: State,
}

#[service]
impl<'req> AsyncWorkflows<'req> {
    #[inline]
    pub(crate) async fn new(permissions: &'req AsyncPermissions<'req>, store: &'req Store) -> Self {
        Self { permissions, store, state: State::new() }
    }

    #[inline]
    fn read(&self) -> usize {
        self.permissions.auth.state.read()
            + self.permissions.state.read()
            + self.store.state.read()
            + self.state.read()
    }
}

macro_rules! many {
    ($($field:ident: $service:ident),*) => {
        $(
            pub(crate) struct $service {
                state: State,
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
        pub(crate) struct Sixteen<'req> {
            #[scope(parent)]
            app: &'req App,
            $($field: Slot<$service>,)*
        }

        #[derive(Default)]
        struct SixteenByHand {
            $($field: OnceLock<$service>,)*
        }

        // Only the ninth is asked for; the others are there to be opened and dropped.
        const _: () = {
            $(
                let _ = |service: &$service| service.state.read();
                let _ = |scope: &SixteenByHand| scope.$field.get().is_some();
            )*
        };
    };
}

many!(
    first: First, second: Second, third: Third, fourth: Fourth, fifth: Fifth, sixth: Sixth, seventh: Seventh,
    eighth: Eighth, ninth: Ninth, tenth: Tenth, eleventh: Eleventh, twelfth: Twelfth, thirteenth: Thirteenth,
    fourteenth: Fourteenth, fifteenth: Fifteenth, sixteenth: Sixteenth
);

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

    fn store(&self) -> &Store {
        self.store.get().expect("filled when it started")
    }
}

#[derive(Scope)]
pub(crate) struct Request<'req> {
    #[scope(parent)]
    app: &'req App,
    workflows: Slot<Workflows<'req>>,
    permissions: Slot<Permissions<'req>>,
    auth: Slot<Auth>,
}

#[derive(Scope)]
pub(crate) struct AsyncRequest<'req> {
    #[scope(parent)]
    app: &'req App,
    workflows: Slot<AsyncWorkflows<'req>>,
    permissions: Slot<AsyncPermissions<'req>>,
    auth: Slot<AsyncAuth>,
}

struct ByHand<'req> {
    app: &'req App,
    workflows: OnceLock<Workflows<'req>>,
    permissions: OnceLock<Permissions<'req>>,
    auth: OnceLock<Auth>,
}

impl<'req> ByHand<'req> {
    #[inline]
    fn open(app: &'req App) -> Self {
        Self { app, workflows: OnceLock::new(), permissions: OnceLock::new(), auth: OnceLock::new() }
    }

    #[inline]
    fn auth(&'req self) -> &'req Auth {
        self.auth.get_or_init(Auth::new)
    }

    #[inline]
    fn permissions(&'req self) -> &'req Permissions<'req> {
        self.permissions.get_or_init(|| Permissions::new(self.auth()))
    }

    #[inline]
    fn workflows(&'req self) -> &'req Workflows<'req> {
        self.workflows.get_or_init(|| Workflows::new(self.permissions(), self.app.store()))
    }
}

/// A slot that is built once also when two ask together: whoever builds holds the lock.
struct Turns<T> {
    value: OnceLock<T>,
    turn: Mutex<()>,
}

impl<T> Turns<T> {
    #[inline]
    fn new() -> Self {
        Self { value: OnceLock::new(), turn: Mutex::new(()) }
    }

    #[inline]
    async fn get_or_init(&self, make: impl Future<Output = T>) -> &T {
        if let Some(built) = self.value.get() {
            return built;
        }
        let _turn = self.turn.lock().await;
        if let Some(built) = self.value.get() {
            return built;
        }
        let made = make.await;
        self.value.get_or_init(|| made)
    }
}

struct AsyncByHand<'req> {
    app: &'req App,
    workflows: Turns<AsyncWorkflows<'req>>,
    permissions: Turns<AsyncPermissions<'req>>,
    auth: Turns<AsyncAuth>,
}

impl<'req> AsyncByHand<'req> {
    #[inline]
    fn open(app: &'req App) -> Self {
        Self { app, workflows: Turns::new(), permissions: Turns::new(), auth: Turns::new() }
    }

    #[inline]
    async fn auth(&'req self) -> &'req AsyncAuth {
        self.auth.get_or_init(AsyncAuth::new()).await
    }

    #[inline]
    async fn permissions(&'req self) -> &'req AsyncPermissions<'req> {
        self.permissions.get_or_init(async { AsyncPermissions::new(self.auth().await).await }).await
    }

    #[inline]
    async fn workflows(&'req self) -> &'req AsyncWorkflows<'req> {
        let make = async { AsyncWorkflows::new(self.permissions().await, self.app.store()).await };
        self.workflows.get_or_init(make).await
    }
}

/// A way to do some work once.
pub(crate) type Work = fn(&App) -> usize;

/// The cases by name: done by hand, then by the framework.
pub(crate) const CASES: [(&str, Work, Work); 4] = [
    ("three", three_by_hand, three),
    ("one-of-three", one_of_three_by_hand, one_of_three),
    ("one-of-sixteen", one_of_sixteen_by_hand, one_of_sixteen),
    ("three-async", three_async_by_hand, three_async),
];

fn three(app: &App) -> usize {
    let scope = Request::open(app);
    let Ok(Ok(workflows)) = scope.get::<Workflows<'_>>().try_now() else { return 0 };
    workflows.read()
}

fn three_by_hand(app: &App) -> usize {
    let scope = ByHand::open(app);
    scope.workflows().read()
}

fn one_of_three(app: &App) -> usize {
    let scope = Request::open(app);
    let Ok(Ok(auth)) = scope.get::<Auth>().try_now() else { return 0 };
    auth.state.read()
}

fn one_of_three_by_hand(app: &App) -> usize {
    let scope = ByHand::open(app);
    scope.auth().state.read()
}

fn one_of_sixteen(app: &App) -> usize {
    let scope = Sixteen::open(app);
    let Ok(Ok(ninth)) = scope.get::<Ninth>().try_now() else { return 0 };
    ninth.state.read()
}

fn one_of_sixteen_by_hand(app: &App) -> usize {
    black_box(app);
    let scope = SixteenByHand::default();
    scope.ninth.get_or_init(Ninth::new).state.read()
}

fn three_async(app: &App) -> usize {
    let scope = AsyncRequest::open(app);
    ready(async { scope.get::<AsyncWorkflows<'_>>().await.map_or(0, AsyncWorkflows::read) })
}

fn three_async_by_hand(app: &App) -> usize {
    let scope = AsyncByHand::open(app);
    ready(async { scope.workflows().await.read() })
}

/// Polls once what does not have to wait, so that no executor is measured.
fn ready<F: Future>(future: F) -> F::Output {
    let future = pin!(future);
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it had to wait"),
    }
}
