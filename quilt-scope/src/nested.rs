//! Which scope opens under which, so that one can tell those far above it what it keeps.

/// A scope that opens under another.
///
/// Above a root there is nothing, and each step further up another nothing: what is told to each must not be told to one twice.
/// A `Box` belongs to the crate of what is in it, which may therefore tell it.
#[doc(hidden)]
pub trait Nested {
    /// What it opens under.
    type Under;
}

impl<S> Nested for Box<S> {
    type Under = Box<Self>;
}
