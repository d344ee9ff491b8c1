//! A service that is built only if the body gets as far as needing it.

use std::fmt;

use crate::provides::Provides;
use crate::ready::Ready;

/// A service to be built on first use.
///
/// Taken **by value** by a tool or a constructor, and injected all the same: it is the one exception to "references are
/// injected". That the scope provides `T` is still checked when compiling.
///
/// ```
/// # use quilt_scope::{Lazy, Ready};
/// # async fn doc() -> Result<(), quilt_scope::ScopeError> {
/// // Outside a scope, for a test of a function that takes a `Lazy`:
/// let report = String::from("a value");
/// let lazy = Lazy::of(&report);
/// assert_eq!(lazy.get().await?, "a value");
/// # Ok(()) }
/// ```
pub struct Lazy<'req, T: ?Sized>(Origin<'req, T>);

enum Origin<'req, T: ?Sized> {
    Scope(&'req (dyn Provides<'req, T> + Sync + 'req)),
    Value(&'req T),
}

impl<'req, T: ?Sized> Lazy<'req, T> {
    /// The service of `scope`, later.
    #[inline]
    pub fn from_scope<S: Provides<'req, T> + Sync>(scope: &'req S) -> Self {
        Self(Origin::Scope(scope))
    }

    /// A value that is there already. For tests.
    pub fn of(value: &'req T) -> Self {
        Self(Origin::Value(value))
    }

    /// The service, built now if the scope has not built it yet.
    ///
    /// # Errors
    ///
    /// When awaited: the constructor of `T`, or of something it needs, failed.
    #[inline]
    pub fn get(&self) -> Ready<'req, &'req T> {
        match self.0 {
            Origin::Scope(scope) => scope.provide(),
            Origin::Value(value) => Ready::now(value),
        }
    }
}

impl<T: ?Sized> Clone for Lazy<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Lazy<'_, T> {}

impl<T: ?Sized> Clone for Origin<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Origin<'_, T> {}

impl<T: ?Sized> fmt::Debug for Lazy<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lazy<{}>", std::any::type_name::<T>())
    }
}
