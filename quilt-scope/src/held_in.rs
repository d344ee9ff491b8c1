//! The bound "a service of this scope may take `&T`", by which what is missing is told from what lives too short.

use crate::__private::never;
use crate::lazy::Lazy;
use crate::provides::Provides;
use crate::ready::Ready;

/// What a service of `S` may take: a reference to all that `S` provides. A message that requires this is about `T`: have
/// `S` [provide](Provides) it or, if it belongs to a scope that opens under `S`, have what takes it belong to that scope too.
/// Nobody implements it.
///
/// A bound of its own so that two mistakes have two messages. For most types there is one answer, the implementation for all that
/// is provided. If it does not hold, the compiler reports the condition that fails: `S` does not provide it. A scope that opens
/// under `S` tells of each service that it keeps by an implementation more, under a condition that nothing fulfils
/// ([`Outlives`](crate::lifetime::Outlives)). Of several answers that all fail the compiler reports the question, and that is
/// this bound: `S` outlives it.
///
/// Said of the reference, for of a type the compiler would show the definition, which helps nobody here.
#[diagnostic::on_unimplemented(
    message = "`{S}` outlives `{T}`, so nothing in `{S}` can hold it",
    label = "`{T}` is gone when its scope ends, and what asks for it here would still hold it",
    note = "a scope that opens under `{S}` keeps `{T}`: make what asks belong to that scope too (plain `#[service]`, and a \
            `Slot` there), or pass it the data it needs as plain values at each call"
)]
pub trait HeldIn<'req, T: ?Sized + 'req, S> {
    /// The service, built now if `scope` has not built it yet.
    #[doc(hidden)]
    fn take(scope: &'req S) -> Ready<'req, &'req T> {
        let _ = scope;
        never()
    }

    /// The service, to be built on first use.
    #[doc(hidden)]
    fn take_later(scope: &'req S) -> Lazy<'req, T>
    where
        S: Sync,
    {
        let _ = scope;
        never()
    }
}

impl<'req, T, S> HeldIn<'req, T, S> for &'req T
where
    T: ?Sized + 'req,
    S: Provides<'req, T>,
{
    #[inline]
    fn take(scope: &'req S) -> Ready<'req, &'req T> {
        scope.provide()
    }

    #[inline]
    fn take_later(scope: &'req S) -> Lazy<'req, T>
    where
        S: Sync,
    {
        Lazy::from_scope(scope)
    }
}
