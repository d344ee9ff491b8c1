//! Trait objects that go with a request from thread to thread.

/// A trait object that any thread may use: all that is `Sync`. Of a service with a name the same is asked where it is built.
#[diagnostic::on_unimplemented(
    message = "`{Self}` may not be shared between threads",
    label = "a request may change threads, and what it takes goes along",
    note = "write `: Sync` behind the name of the trait where it is declared, or `+ Sync` wherever it is provided and taken"
)]
pub trait Shared: Sync {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Sync> Shared for T {}
