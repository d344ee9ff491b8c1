//! Refuses, when compiling, a scope that provides what it sees of its parent as well.
//!
//! Two implementations of [`Provides`] would overlap, which the compiler says in words of its own and without a note of ours. So
//! the scope's own stands under a condition that does not hold then: there is no overlap, and what is said is the other
//! condition, under which [`SoleProvider`] may be written at all.

use std::marker::PhantomData;

use crate::provides::Provides;

/// Finds out when compiling how many provide `T`: the child of this parent does, and maybe the parent.
///
/// An inherent constant is preferred to a trait's, and exists only for what the parent provides.
#[doc(hidden)]
pub struct Providers<Parent, T: ?Sized>(PhantomData<(Parent, PhantomData<T>)>);

impl<Parent: Provides<'static, T>, T: ?Sized + 'static> Providers<Parent, T> {
    /// Both.
    pub const COUNT: usize = 2;
}

/// What is said of all that the parent does not provide.
#[doc(hidden)]
pub trait OneProvider {
    /// The child.
    const COUNT: usize = 1;
}

impl<Parent, T: ?Sized> OneProvider for Providers<Parent, T> {}

/// `T`, which `Child` provides, is not provided by `Parent` as well, the scope that it opens under. Nobody implements this.
#[diagnostic::on_unimplemented(
    message = "`{Child}` provides `{Self}`, and so does `{Parent}`, the scope it opens under",
    label = "`{Parent}` provides this already",
    note = "keep one of the two, or wrap one in a type of its own; if `{Child}` is to provide another one, list what it takes \
            from `{Parent}`: `#[scope(parent, inherits(..))]`"
)]
pub trait ProvidedOnce<'req, Child, Parent, const COUNT: usize> {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized, Child, Parent> ProvidedOnce<'_, Child, Parent, 1> for T {}

/// `Child` as the one that provides `T`, with its parent.
#[rustfmt::skip] // A message shows the condition, which is one line.
pub struct SoleProvider<'req, T: ?Sized, Child, Parent, const COUNT: usize>(Unsaid<'req, T, Child, Parent>)
where
    T: ProvidedOnce<'req, Child, Parent, COUNT>;

/// Of any lifetime, since nothing is kept.
type Unsaid<'req, T, Child, Parent> = PhantomData<(&'req (), fn(Child, Parent, PhantomData<T>))>;

/// It is the one. The scope is named a second time because only of what is about a type of its own crate does the compiler
/// believe that it never holds.
#[doc(hidden)]
pub trait Sole<Child> {}

impl<'req, T, Child, Parent> Sole<Child> for SoleProvider<'req, T, Child, Parent, 1> where
    T: ?Sized + ProvidedOnce<'req, Child, Parent, 1>
{
}
