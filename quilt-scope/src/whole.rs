//! Whether threads may share a scope: asked once, where the scope is declared, and of none that keeps what is no service.
//!
//! Of such a field the compiler does not know what is in it, hence not of the scope whether it is `Sync`, and would say at
//! everything that shares the scope what it has said of the field. A question about a type with a reported mistake in it is
//! answered with silence. So the question has a part, [`Scope::Whole`](crate::Scope), whose length can be counted only if all
//! fields are known.

use crate::graph::Graph;

/// `Sync`, of a scope that is whole: what `#[derive(Scope)]` shows of each, once. A message that requires this is about a field which
/// threads may not share: give the scope an `Arc` for an `Rc`, an atomic or a lock for a `Cell`. Nobody implements it.
///
/// `S` is the scope, too. It is named apart because between crates the compiler does not ask what `Then` makes of it, and would
/// take every other crate's scope for the same. The compiler shows the line with the bound to whom it refuses, so that is where the
/// advice stands.
#[rustfmt::skip] // It would drop the comment.
pub trait Shareable<S, Whole>
where
    Self: Sync, // a request may change threads: hold an `Arc` for an `Rc`, an atomic or a lock for a `Cell`
{
}

/// How many scopes there are behind this graph: one. It cannot be counted if the graph has a mistake in it.
pub const fn one(_: &Graph) -> usize {
    1
}

/// Of a scope that is whole, the scope; of another, nothing that more could be said of.
pub trait Then<S: ?Sized> {
    /// The scope.
    type Itself: ?Sized;
}

impl<S: ?Sized> Then<S> for [(); 1] {
    type Itself = S;
}

/// `Sync`, of what a tool or a constructor takes from a scope: asked only if the scope is whole. Of one that was given what threads may not
/// share, or builds it, that has been said where it is written, and is not said again by those who take it. Nobody implements it.
///
/// In what is generic over the scope, the same as `T: Sync`.
pub trait Shares<T: ?Sized>: Then<T, Itself = T> + Then<T, Itself: Sync> {}

impl<Whole, T: ?Sized> Shares<T> for Whole
where
    Whole: Then<T, Itself = T>,
    Whole::Itself: Sync,
{
}

/// What [`Shares`] asks of a type that borrows, by whether threads [may share](crate::threads::Known) it: nothing if they may.
///
/// What is asked is all that a body knows of a type. Asked of one that names a lifetime twice, or `'static`, the body would know less than
/// is so.
pub trait Asks<Whole, T: ?Sized> {
    /// `T`, or what anybody may share.
    type Of: ?Sized;
}

impl<Whole: Then<T>, T: ?Sized> Asks<Whole, T> for [(); 0] {
    type Of = Whole::Itself;
}

impl<Whole, T: ?Sized> Asks<Whole, T> for [(); 1] {
    type Of = ();
}
