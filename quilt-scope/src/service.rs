//! What the container knows of a service: its lifetime, its dependencies, how it is built and how it tidies up.

use std::marker::PhantomData;

use crate::for_tool::Asked;
use crate::gate::Gate;
use crate::graph::{Dependency, Key, ServiceInfo};
use crate::lifetime::{Keeps, Lifetime};
use crate::ready::{BoxFuture, Ready};
use crate::slot::Place;

/// A type with a constructor that a scope can call. Implemented by [`#[service]`](macro@crate::service).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "no `#[service]` constructor",
    note = "write `#[service]` on the `impl` block that holds the constructor of `{Self}`, or give the value when the \
            scope opens: `#[scope(seed)]`"
)]
pub trait Service: Sized {
    /// How long it lives.
    type Lifetime: Lifetime;
    /// This type. What is asked of it by this name is asked of services only, and of no other type a second time.
    #[doc(hidden)]
    type Itself;
    /// One, of what may change threads; of other types there is none.
    #[doc(hidden)]
    const CHANGES_THREADS: usize;
    /// What keeps a second asker from building it too: a lock, or if it is built asynchronously, a queue. A transient service uses neither.
    #[doc(hidden)]
    type Gate: Gate;
    /// Tells it apart from every other service.
    #[doc(hidden)]
    const KEY: Key;
    /// What the constructor takes.
    #[doc(hidden)]
    const DEPENDENCIES: &'static [Dependency];
    /// Name, lifetime and dependencies, as data.
    const INFO: &'static ServiceInfo;
    /// Whether it has something to tidy up asynchronously when its scope closes.
    const CLOSES: bool = false;

    /// Tidies up. Called once, when the scope closes, dependents before what they borrow.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A service that `S` can build: `S` provides all its dependencies. Implemented by `#[service]`.
pub trait Construct<'req, S>: Service + 'req {
    /// Resolves the dependencies from `scope`, then builds into `place`.
    #[doc(hidden)]
    fn build<P>(place: &'req P, scope: &'req S) -> Ready<'req, &'req Self>
    where
        P: Place<Self>;
}

/// `T`. What is left to the compiler, `_`, has only one place; `The<_>` has those of a first and a last token.
#[doc(hidden)]
pub type The<T> = T;

/// A service that `S` keeps in a field of type `P`: a [`Slot`](crate::Slot) or a [`Transient`](crate::Transient).
///
/// It is if `S` can [construct](Construct) it, so a message that requires this is about what the constructor takes: have `S`
/// provide it, or leave it out. Nobody implements it. If a table names the scope and one of its tools comes to the service, `S` is
/// the scope with that tool: [`ForTool`](crate::ForTool).
///
/// A step of its own, so that messages have one list of implementations less.
pub trait KeptBy<'req, S: Asked, P>: Sized {
    /// What the field answers when its service is asked for.
    #[doc(hidden)]
    fn ask(asked: PhantomData<S>, place: &'req P, scope: &'req S::Scope) -> Ready<'req, &'req Self>
    where
        Self: Service,
        S::Scope: Keeps<Self::Lifetime, Self>;
}

impl<'req, S, P, T> KeptBy<'req, S, P> for T
where
    S: Asked,
    T: Service<Itself = T>,
    T::Itself: Construct<'req, S::Scope>,
    P: Place<T>,
{
    #[inline]
    fn ask(_: PhantomData<S>, place: &'req P, scope: &'req S::Scope) -> Ready<'req, &'req T>
    where
        T: Service,
        S::Scope: Keeps<T::Lifetime, T>,
    {
        match place.existing() {
            Some(built) => Ready::now(built),
            None if T::Lifetime::MOSTLY_BUILT => build_rarely(place, scope),
            None => T::build(place, scope),
        }
    }
}

/// Out of the way of those who find it built.
#[cold]
#[inline(never)]
fn build_rarely<'req, S, T: Construct<'req, S>, P: Place<T>>(
    place: &'req P,
    scope: &'req S,
) -> Ready<'req, &'req T> {
    T::build(place, scope)
}
