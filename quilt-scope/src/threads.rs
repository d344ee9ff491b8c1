//! Whether threads may share a service or a seed, and an input may change them: asked once, where it is written.

use std::marker::PhantomData;

use crate::service::Service;

/// One, if threads may share the service.
///
/// The compiler shows the line with the bound to whom it refuses, so that is where the advice stands.
#[must_use]
pub const fn changes_threads<T>(_: fn()) -> usize
where
    T: Sync, // a request may change threads: hold an `Arc` for an `Rc`, an atomic or a lock for a `Cell`
{
    1
}

/// The type of what a scope is given, by its name, if threads may share it.
#[must_use]
pub const fn given<T>(name: &str) -> &str
where
    T: Sync, // a request may change threads: give an `Arc` for an `Rc`, an atomic or a lock for a `Cell`
{
    name
}

/// An input of a synchronous tool, which is held while services are built. Asked before the whole call is, it is said of the input.
#[inline]
pub fn held<T>(input: T) -> T
where
    T: Send, // a call may change threads while its services are built: hold an `Arc` for an `Rc`, or make it in the tool
{
    input
}

/// Asks what threads may share whether it may go from one to another, too. Of what they may not share that is enough.
pub struct Sent<T>(PhantomData<T>);

impl<T: Sync> Sent<T> {
    /// It may.
    pub fn known()
    where
        T: Send, // a request may change threads: hold an `Arc`, an atomic or a `tokio::sync` lock, and no guard of a lock
    {
    }
}

/// What is said of all other types.
pub trait NotShared {
    /// Nothing.
    fn known() {}
}

impl<T> NotShared for Sent<T> {}

/// Finds out when compiling whether threads may share `T`.
///
/// What is inherent is preferred to what is a trait's, and is there only if they may.
pub struct Known<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized + Sync> Known<T> {
    /// They may.
    pub const SHARED: usize = 1;
}

/// What is said of all other types.
pub trait NotKnown {
    /// They may not.
    const SHARED: usize = 0;
}

impl<T: ?Sized> NotKnown for Known<T> {}

/// What a constructor takes, and its service may keep. One, unless that is a service which threads may not share, and has been told so.
pub struct Kept<T: ?Sized, const SHARED: usize>(PhantomData<T>);

impl<T: Service> Kept<T, 0> {
    /// There is none, so of what keeps it nothing is known either.
    pub const COUNT: usize = T::CHANGES_THREADS;
}

/// What is said of all that threads may share, and of what is no service.
pub trait NotKept {
    /// It is asked.
    const COUNT: usize = 1;
}

impl<T: ?Sized, const SHARED: usize> NotKept for Kept<T, SHARED> {}

/// One, of a service all of whose parameters can be [kept](Kept).
#[must_use]
pub const fn one_of_all(_: &[usize]) -> usize {
    1
}
