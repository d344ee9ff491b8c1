//! Whether a service may change threads, asked once: where it says how it is built.

use std::marker::PhantomData;

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
