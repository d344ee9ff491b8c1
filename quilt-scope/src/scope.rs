//! What a scope promises, and how a body runs in one.

use std::any::Any;
use std::cmp::Reverse;
use std::fmt;
use std::future::Future;
use std::time::Instant;

use crate::graph::{Graph, Node};
use crate::observer::ScopeObserver;
use crate::ready::BoxFuture;
use crate::running::{Closing, Running};
use crate::whole::Shareable;

/// A container of services. Implemented by [`#[derive(Scope)]`](derive@crate::Scope).
pub trait Scope {
    /// Who watches it.
    type Observer: ScopeObserver;

    /// `[(); 1]`, if all that it keeps is known.
    #[doc(hidden)]
    type Whole;

    /// What it builds.
    #[doc(hidden)]
    const SLOTS: &'static [Node];

    /// Its services, lifetimes and edges.
    const GRAPH: &'static Graph;

    /// Who watches it.
    fn observer(&self) -> &Self::Observer;

    /// What is built and has to be tidied up.
    #[doc(hidden)]
    fn unclosed<'s>(&'s self, out: &mut Vec<Unclosed<'s>>);
}

/// A scope that threads may share: every scope.
///
/// A trait of its own, so that a type which is no service is no error of all that mentions its scope (`whole.rs`).
pub trait SharedScope: Scope + Sync {}

impl<S: Scope + Shareable<S, <S as Scope>::Whole>> SharedScope for S {}

/// A scope of which all is known that it keeps: every scope that compiles.
///
/// It asks nothing of threads, for what a condition that names no lifetime implies is asked where the condition is written.
pub trait WholeScope: Scope {}

impl<S: Scope + Shareable<S, <S as Scope>::Whole>> WholeScope for S {}

/// A scope that tools can be called in, for every lifetime a request may have.
///
/// Implemented by `#[derive(Scope)]` for scopes with one lifetime, on the `'static` form of the scope: the tools of
/// `RequestScope<'req>` are a `ToolSet<RequestScope<'static>>`.
pub trait Container: 'static {
    /// The scope of one request.
    type Scope<'req>: Scope + 'req;

    /// `[(); 1]`, if all that the scope keeps is known.
    #[doc(hidden)]
    type Whole;
}

/// A built service that wants to tidy up.
#[doc(hidden)]
pub struct Unclosed<'s> {
    pub(crate) slot: usize,
    pub(crate) built_at: Instant,
    pub(crate) close: Box<dyn FnOnce() -> BoxFuture<'s, ()> + Send + 's>,
}

/// How a body that [`run`] ran came to its end.
pub enum End<R> {
    /// It returned.
    Finished(R),
    /// It was told to stop before it returned.
    Stopped,
    /// It panicked, with this.
    Panicked(Box<dyn Any + Send>),
}

impl<R> End<R> {
    /// What the body returned, if it did.
    pub fn finished(self) -> Option<R> {
        match self {
            Self::Finished(result) => Some(result),
            Self::Stopped | Self::Panicked(_) => None,
        }
    }
}

impl<R: fmt::Debug> fmt::Debug for End<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished(result) => f.debug_tuple("Finished").field(result).finish(),
            Self::Stopped => f.write_str("Stopped"),
            Self::Panicked(_) => f.write_str("Panicked"),
        }
    }
}

/// Runs `body` in `scope` until it returns, panics, or `stop` is ready; then closes the scope.
///
/// The order is the point. The body is dropped first, so that nothing uses the services any more; then the services that
/// tidy up do so, dependents before what they borrow; and the scope itself, which the caller owns, is dropped after
/// that. So tidying happens also after cancellation and panic, as long as this future is polled to its end: give it a task
/// of its own and stop the body by `stop`, rather than dropping the future.
///
/// ```
/// # use quilt_scope::{Scope, Slot, service};
/// # pub struct Greeter;
/// # #[service]
/// # impl Greeter { pub fn new() -> Self { Self } fn greet(&self) -> &'static str { "hello" } }
/// #[derive(Scope)]
/// pub struct App {}
///
/// #[derive(Scope)]
/// pub struct RequestScope<'req> {
///     #[scope(parent)]
///     app: &'req App,
///     greeter: Slot<Greeter>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), quilt_scope::ScopeError> {
/// let app = App::open();
/// let scope = RequestScope::open(&app);
/// let end = quilt_scope::run(
///     &scope,
///     async { Ok::<_, quilt_scope::ScopeError>(scope.get::<Greeter>().await?.greet()) },
///     std::future::pending(),
/// )
/// .await;
/// assert_eq!(end.finished().expect("it returns")?, "hello");
/// # Ok(()) }
/// ```
pub fn run<'req, S, F, P>(scope: &'req S, body: F, stop: P) -> Running<'req, S, F, P>
where
    S: SharedScope,
    P: Future<Output = ()> + Send,
    F: Future + 'req,
    F: Send, // it may change threads at `.await`: drop what cannot before it, or hold an `Arc`, an atomic or a `tokio::sync` lock
{
    Running::new(scope, body, stop)
}

/// Tidies up what `scope` has built: latest first, and a dependent always before what it borrows.
///
/// [`run`] does this; call it yourself only if you drive a scope by hand, and for a root scope when the process ends. One
/// that panics while tidying does not keep the others from it.
pub async fn close<S: SharedScope>(scope: &S) {
    Closing::of(scope).await;
}

/// Latest first. But what is held as `Lazy` is built after what holds it, and has to outlast it all the same.
pub(crate) fn in_closing_order<'s>(graph: &Graph, mut unclosed: Vec<Unclosed<'s>>) -> Vec<Unclosed<'s>> {
    unclosed.sort_by_key(|service| (Reverse(service.built_at), service.slot));
    let mut ordered = Vec::with_capacity(unclosed.len());
    while !unclosed.is_empty() {
        let needed = |slot: usize| unclosed.iter().any(|other| graph.needs(other.slot, slot));
        let next = unclosed.iter().position(|service| !needed(service.slot));
        ordered.push(unclosed.remove(next.expect("dependencies have no circle")));
    }
    ordered
}
