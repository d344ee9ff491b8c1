//! The framework allocates nothing when a scope is opened and synchronous services are resolved.
//!
//! A test binary of its own, since it counts what the global allocator does. It counts for each thread apart, so other
//! tests in it do no harm.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use allocation_counter::measure;
use quilt_scope::{BoxError, Lazy, Scope, ScopeObserver, ServiceInfo, Slot, Transient, Watch, service};

struct Store;

#[service(singleton)]
impl Store {
    fn new() -> Self {
        Self
    }
}

#[derive(Scope)]
struct App {
    store: Slot<Store>,
}

struct Auth {
    bytes: [u8; 64],
}

#[service]
impl Auth {
    fn new() -> Self {
        Self { bytes: black_box([1; 64]) }
    }
}

struct Permissions<'req> {
    auth: &'req Auth,
    lazy: Lazy<'req, Auth>,
}

#[service]
impl<'req> Permissions<'req> {
    fn new(auth: &'req Auth, lazy: Lazy<'req, Auth>) -> Result<Self, BoxError> {
        Ok(Self { auth, lazy })
    }
}

struct Workflows<'req> {
    permissions: &'req Permissions<'req>,
    _store: &'req Store,
}

#[service]
impl<'req> Workflows<'req> {
    fn new(permissions: &'req Permissions<'req>, store: &'req Store) -> Self {
        Self { permissions, _store: store }
    }
}

/// The twins, for what does allocate.
struct Waiting;

#[service]
impl Waiting {
    async fn new() -> Self {
        Self
    }
}

struct Each;

#[service(transient)]
impl Each {
    fn new() -> Self {
        Self
    }
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    workflows: Slot<Workflows<'req>>,
    permissions: Slot<Permissions<'req>>,
    auth: Slot<Auth>,
    waiting: Slot<Waiting>,
    each: Transient<Each>,
}

/// Polls once, since an executor may allocate.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it had to wait"),
    }
}

/// How often a scope is given memory while it is opened, asked and closed.
fn allocations(ask: impl for<'req> Fn(&'req RequestScope<'req>) -> u8) -> u64 {
    let app = App::open();
    assert!(now(app.get::<Store>()).is_ok(), "the root is built before");
    measure(|| {
        let scope = RequestScope::open(&app);
        assert_eq!(black_box(ask(&scope)), 1);
    })
    .count_total
}

#[test]
fn opening_a_scope_and_resolving_three_services_allocates_nothing() {
    let resolved = allocations(|scope| {
        now(async {
            let workflows = scope.get::<Workflows<'_>>().await;
            let again = scope.get::<Permissions<'_>>().await;
            let lazy = again.map(|permissions| permissions.lazy);
            let auth = lazy.map(|lazy| now(lazy.get()));
            assert!(auth.is_ok_and(|auth| auth.is_ok()));
            workflows.map_or(0, |workflows| workflows.permissions.auth.bytes[3])
        })
    });
    assert_eq!(resolved, 0);
}

#[test]
fn an_asynchronous_service_costs_one_allocation() {
    assert_eq!(allocations(|scope| u8::from(now(scope.get::<Waiting>()).is_ok())), 1);
}

#[test]
fn a_transient_instance_costs_one_allocation() {
    assert_eq!(allocations(|scope| u8::from(now(scope.get::<Each>()).is_ok())), 1);
}

#[derive(Default)]
struct Count(AtomicU32);

impl ScopeObserver for Count {
    fn dropped(&self, _: &'static ServiceInfo, _: Duration) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Scope)]
struct Watched<'req> {
    #[scope(observer)]
    watch: &'req Watch<'req, Count>,
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

#[test]
fn watching_a_scope_until_its_services_are_gone_allocates_nothing() {
    let app = App::open();
    let count = Count::default();
    let allocated = measure(|| {
        let watch = Watch::open(&count, "Watched");
        let scope = Watched::open(&watch, &app);
        assert!(now(scope.get::<Auth>()).is_ok());
    });
    assert_eq!((allocated.count_total, count.0.into_inner()), (0, 1));
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|_| *black_box(Box::new(1))), 1);
}
