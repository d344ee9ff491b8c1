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
pub trait Then<S> {
    /// The scope.
    type Itself;
}

impl<S> Then<S> for [(); 1] {
    type Itself = S;
}
