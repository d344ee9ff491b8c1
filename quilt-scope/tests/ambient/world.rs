//! A scope with a service that is built asynchronously, and one that cannot be built.

use std::future::{Future, pending};
use std::sync::atomic::{AtomicUsize, Ordering};

use quilt_scope::{BoxError, End, Scope, Slot, ambient, run, service};

#[derive(Scope)]
pub(crate) struct App {
    #[scope(seed)]
    built: AtomicUsize,
}

impl Default for App {
    fn default() -> Self {
        Self::open(AtomicUsize::new(0))
    }
}

impl App {
    pub(crate) fn built(&self) -> usize {
        self.built.load(Ordering::Relaxed)
    }
}

pub(crate) struct Principal(pub(crate) String);

pub(crate) struct Auth<'req> {
    principal: &'req Principal,
}

#[service]
impl<'req> Auth<'req> {
    async fn new(principal: &'req Principal, built: &AtomicUsize) -> Self {
        tokio::task::yield_now().await;
        built.fetch_add(1, Ordering::Relaxed);
        Self { principal }
    }

    pub(crate) fn name(&self) -> &str {
        &self.principal.0
    }
}

pub(crate) struct Audit;

#[service]
impl Audit {
    fn new() -> Result<Self, BoxError> {
        Err("no audit today".into())
    }
}

#[derive(Scope)]
pub(crate) struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    auth: Slot<Auth<'req>>,
    audit: Slot<Audit>,
}

pub(crate) type Container = RequestScope<'static>;

quilt_scope::ambient! {
    /// Asks the `Auth` of the request.
    pub(crate) fn with_auth<'req>(Auth<'req>) in RequestScope<'static>;
    pub(crate) fn with_audit<'req>(Audit) in RequestScope<'static>;
}

/// Who the request is for that this runs in.
pub(crate) async fn whoami() -> String {
    let asked = with_auth(|auth| Box::pin(async move { auth.name().to_owned() }));
    asked.await.unwrap_or_else(|error| error.to_string())
}

/// Runs `body` in a request of `who`, until it ends or panics.
pub(crate) async fn request<R: Send>(app: &App, who: &str, body: impl Future<Output = R> + Send) -> End<R> {
    let scope = RequestScope::open(app, Principal(who.to_owned()));
    run(&scope, ambient::within::<Container, R>(&scope, body), pending()).await
}

/// What `body` returns in a request of `who`.
pub(crate) async fn in_request<R: Send>(app: &App, who: &str, body: impl Future<Output = R> + Send) -> R {
    request(app, who, body).await.finished().expect("it returns")
}
