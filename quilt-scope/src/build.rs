//! How a service gets into its place. Called by what `#[service]` writes, and named in messages about a service that
//! cannot be built.

use std::convert::Infallible;
use std::future::Future;
use std::time::Instant;

use crate::observer::ScopeObserver;
use crate::scope::Scope;
use crate::service::Service;
use crate::slot::Place;
use crate::tool::Failure;
use crate::{Ready, ScopeError};

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
    T: Service + Sync + 'req,
    S: Scope,
    D: Send + 'req,
{
    match dependencies.try_now() {
        Ok(Ok(dependencies)) => Ready::now(place.put(|| timed(scope, || new(dependencies)))),
        Ok(Err(error)) => Ready::failed(error.needed_by(T::INFO.name)),
        Err(later) => Ready::later(async move {
            let dependencies = later.await.map_err(|error| error.needed_by(T::INFO.name))?;
            Ok(place.put(|| timed(scope, || new(dependencies))))
        }),
    }
}

/// Builds with a constructor that may fail.
#[inline]
pub fn build_fallible<'req, S, T, P, D, E>(
    place: &'req P,
    scope: &'req S,
    dependencies: Ready<'req, D>,
    new: impl FnOnce(D) -> Result<T, E> + Send + 'req,
) -> Ready<'req, &'req T>
where
    P: Place<T>,
    T: Service + Sync + 'req,
    S: Scope,
    D: Send + 'req,
    E: Failure,
{
    let finish = move |dependencies| {
        place
            .put_fallible(|| timed_fallible(scope, || new(dependencies)))
            .map_err(|error| ScopeError::construction(T::INFO.name, error.into_error()))
    };
    match dependencies.try_now() {
        Ok(Ok(dependencies)) => match finish(dependencies) {
            Ok(built) => Ready::now(built),
            Err(error) => Ready::failed(error),
        },
        Ok(Err(error)) => Ready::failed(error.needed_by(T::INFO.name)),
        Err(later) => {
            Ready::later(async move { finish(later.await.map_err(|error| error.needed_by(T::INFO.name))?) })
        }
    }
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
    T: Service + Send + Sync + 'req,
    S: Scope,
{
    Ready::later(async move {
        place
            .put_async(async move {
                if !S::Observer::WATCHES {
                    return new.await;
                }
                let start = Instant::now();
                let service = new.await?;
                scope.observer().built_in(S::GRAPH, T::INFO, start.elapsed());
                Ok(service)
            })
            .await
    })
}

/// What the constructor of `T` failed with.
pub fn constructor_failed<T: Service, E: Failure>(error: E) -> ScopeError {
    ScopeError::construction(T::INFO.name, error.into_error())
}

/// `T` could not be built because something it needs could not.
pub fn dependency_failed<T: Service>(error: ScopeError) -> ScopeError {
    error.needed_by(T::INFO.name)
}

#[inline]
fn timed<S: Scope, T: Service>(scope: &S, new: impl FnOnce() -> T) -> T {
    let made: Result<T, Infallible> = timed_fallible(scope, || Ok(new()));
    match made {
        Ok(service) => service,
    }
}

/// What failed is not reported as built.
#[inline]
fn timed_fallible<S: Scope, T: Service, E>(scope: &S, new: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    if !S::Observer::WATCHES {
        return new();
    }
    let start = Instant::now();
    let service = new()?;
    scope.observer().built_in(S::GRAPH, T::INFO, start.elapsed());
    Ok(service)
}
