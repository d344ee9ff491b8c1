//! How a service gets into its place. Called by what `#[service]` writes, and named in messages about a service that
//! cannot be built: the compiler shows the line with the bound that does not hold, so that is where the advice stands.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use pin_project_lite::pin_project;

use crate::observer::ScopeObserver;
use crate::queue::Turn;
use crate::ready::State;
use crate::scope::SharedScope;
use crate::service::Service;
use crate::slot::Place;
use crate::{BoxFuture, Ready, ScopeError};

/// Builds with a constructor that neither waits nor fails.
#[inline]
pub fn build<'req, S, T, P, D>(
    place: &'req P,
    scope: &'req S,
    dependencies: Ready<'req, D>,
    new: impl FnOnce(D) -> T + Send + 'req,
) -> Ready<'req, &'req T>
where
    P: Place<T>,
    T: Service<Itself = T> + 'req,
    T::Itself: Send + Sync,
    S: SharedScope,
    D: Send + 'req,
{
    match dependencies.0 {
        State::Now(dependencies) => Ready::now(place.put(|| timed(scope, || new(dependencies)))),
        State::Failed(error) => Ready::failed(dependency_failed::<T>(error)),
        later => {
            let finish = move |dependencies| Ok(place.put(|| timed(scope, || new(dependencies))));
            Ready(State::Later(when_resolved(Ready(later), finish)))
        }
    }
}

/// Out of the way of what is there already, which is mostly all. Gives the future alone: a `Ready` that a call returns is written to
/// memory, and then the compiler writes those there that need not wait.
#[cold]
#[inline(never)]
fn when_resolved<'req, T: Service + 'req, D: Send + 'req>(
    dependencies: Ready<'req, D>,
    finish: impl FnOnce(D) -> Result<&'req T, ScopeError> + Send + 'req,
) -> BoxFuture<'req, Result<&'req T, ScopeError>> {
    Box::pin(async move { finish(dependencies.await.map_err(dependency_failed::<T>)?) })
}

/// Builds with a constructor that may fail.
#[inline]
pub fn build_fallible<'req, S, T, P, D>(
    place: &'req P,
    scope: &'req S,
    dependencies: Ready<'req, D>,
    new: impl FnOnce(D) -> Result<T, ScopeError> + Send + 'req,
) -> Ready<'req, &'req T>
where
    P: Place<T>,
    T: Service<Itself = T> + 'req,
    T::Itself: Send + Sync,
    S: SharedScope,
    D: Send + 'req,
{
    let finish = move |dependencies| place.put_fallible(|| timed_fallible(scope, || new(dependencies)));
    match dependencies.0 {
        State::Now(dependencies) => match finish(dependencies) {
            Ok(built) => Ready::now(built),
            Err(error) => Ready::failed(error),
        },
        State::Failed(error) => Ready::failed(dependency_failed::<T>(error)),
        later => Ready(State::Later(when_resolved(Ready(later), finish))),
    }
}

/// What tidies up.
pub fn close_body<'s, F>(body: F) -> BoxFuture<'s, ()>
where
    F: Future<Output = ()> + 's,
    F: Send, // it may change threads at `.await`: drop what cannot before it, or hold an `Arc`, an atomic or a `tokio::sync` lock
{
    Box::pin(body)
}

/// The future of an asynchronous constructor.
///
/// The same is asked of all that builds the service, which is nobody's future; asked before of this one, it is said of the author's function.
#[inline]
pub fn service_body<F>(body: F) -> F
where
    F: Future,
    F: Send, // it may change threads at `.await`: drop what cannot before it, or hold an `Arc`, an atomic or a `tokio::sync` lock
{
    body
}

/// Builds with a constructor that waits. `new` has yet to resolve its dependencies.
#[inline]
pub fn build_async<'req, S, T, P>(
    place: &'req P,
    scope: &'req S,
    new: impl Future<Output = Result<T, ScopeError>> + Send + 'req,
) -> Ready<'req, &'req T>
where
    P: Place<T>,
    T: Service<Itself = T> + 'req,
    T::Itself: Send + Sync,
    S: SharedScope,
{
    Ready::later(Building { new, turn: None, start: None, place, scope, service: PhantomData })
}

pin_project! {
    /// A service that is being built, or waits for whoever builds it already.
    ///
    /// Written by hand because it goes into the service's one box: an `async` block keeps what it is given twice, and is
    /// copied there with all its states.
    struct Building<'req, S, T, P, F> {
        // The first to be dropped: what it holds is gone before the next may build.
        #[pin]
        new: F,
        turn: Option<Turn<'req>>,
        start: Option<Instant>,
        place: &'req P,
        scope: &'req S,
        service: PhantomData<fn() -> T>,
    }
}

impl<'req, S, T, P, F> Future for Building<'req, S, T, P, F>
where
    P: Place<T>,
    T: Service + 'req,
    S: SharedScope,
    F: Future<Output = Result<T, ScopeError>>,
{
    type Output = Result<&'req T, ScopeError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // Taken out for as long as the constructor runs, so that it is given back also when that panics.
        let turn = match this.turn.take() {
            Some(turn) => turn,
            None => {
                let turn = ready!(this.place.poll_turn(cx));
                if let Some(built) = this.place.existing() {
                    return Poll::Ready(Ok(built));
                }
                if S::Observer::WATCHES {
                    *this.start = Some(Instant::now());
                }
                turn
            }
        };
        let Poll::Ready(made) = this.new.poll(cx) else {
            *this.turn = Some(turn);
            return Poll::Pending;
        };
        let service = made?;
        if S::Observer::WATCHES
            && let Some(start) = this.start
        {
            this.scope.observer().built_in(S::GRAPH, T::INFO, start.elapsed());
        }
        Poll::Ready(Ok(this.place.keep(service)))
    }
}

/// `T` could not be built because something it needs could not.
#[cold]
pub fn dependency_failed<T: Service>(error: ScopeError) -> ScopeError {
    error.needed_by(T::INFO.name)
}

#[inline]
fn timed<S: SharedScope, T: Service>(scope: &S, new: impl FnOnce() -> T) -> T {
    if !S::Observer::WATCHES {
        return new();
    }
    let start = Instant::now();
    let service = new();
    scope.observer().built_in(S::GRAPH, T::INFO, start.elapsed());
    service
}

/// What failed is not reported as built.
#[inline]
fn timed_fallible<S: SharedScope, T: Service, E>(
    scope: &S,
    new: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    if !S::Observer::WATCHES {
        return new();
    }
    let start = Instant::now();
    let service = new()?;
    scope.observer().built_in(S::GRAPH, T::INFO, start.elapsed());
    Ok(service)
}
