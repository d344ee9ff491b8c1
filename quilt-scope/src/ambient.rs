//! Asking for the request's services from code that nothing can be passed to.
//!
//! Prefer a parameter, and then [`accessors`](macro@crate::scoped_tool): both are checked when compiling. This is for code too
//! deep for either, such as a trait of another crate that is implemented far below a tool. It can fail at run time, when no
//! request is open where it runs; but it never falls back on something else, and a service cannot escape through it either.
//!
//! No service is ever in a task-local or thread-local variable. What is there, while a request's future is polled, is a channel
//! to the future that owns the scope: [`with`] sends a closure through it, that future runs the closure beside its body, with
//! the scope, and sends back what it returns. A closure that must work for every lifetime of the scope, and a result that is
//! `'static`, leave no way to carry a service off; the compiler refuses it as it refuses every escape.
//!
//! ```
//! use quilt_scope::{Scope, Slot, ambient, run, service};
//!
//! # pub struct Principal(&'static str);
//! pub struct AuthService<'req> {
//!     principal: &'req Principal,
//! }
//!
//! #[service]
//! impl<'req> AuthService<'req> {
//!     pub fn new(principal: &'req Principal) -> Self {
//!         Self { principal }
//!     }
//! }
//!
//! #[derive(Scope)]
//! pub struct App {}
//!
//! #[derive(Scope)]
//! pub struct RequestScope<'req> {
//!     #[scope(parent)]
//!     app: &'req App,
//!     #[scope(seed)]
//!     principal: Principal,
//!     auth: Slot<AuthService<'req>>,
//! }
//!
//! quilt_scope::ambient! {
//!     /// Asks the `AuthService` of the request that this code runs in.
//!     pub fn with_auth<'req>(AuthService<'req>) in RequestScope<'static>;
//! }
//!
//! /// Far below, and nothing was passed to it.
//! async fn user() -> Result<String, ambient::AmbientError> {
//!     with_auth(|auth| Box::pin(async move { auth.principal.0.to_owned() })).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let app = App::open();
//! let scope = RequestScope::open(&app, Principal("Ada"));
//! let body = ambient::within::<RequestScope<'static>, _>(&scope, user());
//! let end = run(&scope, body, std::future::pending()).await;
//! assert_eq!(end.finished().ok_or("it was stopped")??, "Ada");
//!
//! let error = user().await.expect_err("no request is open here");
//! assert!(error.to_string().starts_with("`AuthService` was asked for outside a request"));
//! # Ok(()) }
//! ```

mod ask;
mod channel;
mod error;
mod follow;
mod here;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use futures_util::stream::FuturesUnordered;

use self::channel::Channel;
use self::here::Here;
use crate::ready::BoxFuture;
use crate::scope::{Container, SharedScope};

pub use self::ask::with;
#[doc(hidden)]
pub use self::ask::with_service;
pub use self::error::AmbientError;
pub use self::follow::{Current, current};

/// Runs `body`; what runs in it may ask for `scope` without being given it.
///
/// What it asks runs in this future, beside the body, and stops with it. Give the whole to [`run`](crate::run), so that the
/// scope closes in any case.
///
/// Boxed, as are the futures of [`with`]: one whose type names a container could not be spawned (rust-lang/rust#100013).
pub fn within<'req, C: Container, R: Send + 'req>(
    scope: &'req C::Scope<'req>,
    body: impl Future<Output = R> + Send + 'req,
) -> BoxFuture<'req, R>
where
    for<'r> C::Scope<'r>: SharedScope,
{
    Box::pin(async move {
        let (channel, mut asked) = Channel::<C>::open();
        let here = Here::owned(&channel);
        let mut body = pin!(body);
        let mut running = FuturesUnordered::new();
        poll_fn(|cx| {
            let _entered = here.enter();
            loop {
                if let Poll::Ready(result) = body.as_mut().poll(cx) {
                    return Poll::Ready(result);
                }
                if !channel.serve(scope, &mut asked, &mut running, cx) {
                    return Poll::Pending;
                }
            }
        })
        .await
    })
}

/// What a scope is called in messages.
fn name_of<C: Container>() -> &'static str {
    <C::Scope<'static> as crate::Scope>::GRAPH.scope
}

/// Declares functions that ask for one service of the request that they are called in: see the [module](self).
///
/// `fn with_auth<'req>(AuthService<'req>) in RequestScope<'static>;` takes a closure from `&AuthService<'_>` to a boxed future, and
/// answers with what that returns, or with an [`AmbientError`] that names the service.
#[macro_export]
macro_rules! ambient {
    ($(
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident<$lifetime:lifetime>($service:ty) in $container:ty;
    )+) => {$(
        $(#[$attribute])*
        $visibility fn $name<R: ::core::marker::Send + 'static>(
            ask: impl for<$lifetime> ::core::ops::FnOnce(&$lifetime $service) -> $crate::BoxFuture<$lifetime, R>
            + ::core::marker::Send
            + 'static,
        ) -> $crate::BoxFuture<'static, ::core::result::Result<R, $crate::ambient::AmbientError>> {
            $crate::ambient::with_service::<$container, R>(::core::stringify!($service), move |scope| {
                ::std::boxed::Box::pin(async move {
                    let service = scope.get().await?;
                    ::core::result::Result::Ok(ask(service).await)
                })
            })
        }
    )+};
}
