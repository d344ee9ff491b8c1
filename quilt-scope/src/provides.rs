//! The bound "this scope provides `T`".

use crate::ready::Ready;

/// A scope that provides `T`.
///
/// Everything an injected parameter needs is this bound, so a missing provider is a compile error at the parameter.
/// Implemented by [`#[derive(Scope)]`](crate::Scope); not meant to be implemented by hand.
///
/// `'req` is how long the scope is borrowed, hence how long the service may be used.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not provide `{T}`",
    label = "nothing in `{Self}` builds `{T}`",
    note = "add a field `Slot<{T}>` to `{Self}` and `#[service]` to the constructor of `{T}`, or give it when the scope \
            opens: `#[scope(seed)]`; a trait object has no slot of its own: write `#[scope(provides = dyn Trait)]` on the \
            field of what implements it; if a scope that opens under `{Self}` keeps `{T}`, make what asks belong to that scope"
)]
pub trait Provides<'req, T: ?Sized + 'req> {
    /// The service, built now if this scope has not built it yet.
    fn provide(&'req self) -> Ready<'req, &'req T>;
}
