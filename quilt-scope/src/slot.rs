//! Where a scope keeps what it has built.
//!
//! A slot is a cell that is written once (`state::InitCell`) behind a gate that lets builders in one after the other, and that is
//! no detail. A scope borrows from itself (`&'req Scope<'req>`), so every part of it must be droppable while borrowed: the cell and
//! the locks leave dropping to the compiler, while cells with a `Drop` of their own (tokio's `OnceCell`) would be refused. And
//! filling it is compiled into the constructor's place; `std::sync::OnceLock` is compiled for size there, and takes twice as long.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::time::Instant;

use state::InitCell;

use crate::gate::{Gate, Stamp};
use crate::lifetime::{BuiltAtEachAsk, BuiltOnce};
use crate::queue::Turn;
use crate::service::Service;

/// Keeps a service that is built at most once per scope, on first use.
///
/// - Two that ask together get the same one; the second waits for the first.
/// - A failed build leaves the slot empty: the asker gets the error, the next asker tries again.
/// - A build that is cancelled or panics leaves the slot empty, and nobody stuck.
///
/// A test can [`fill`](Slot::fill) it in advance.
pub struct Slot<T: Service = NotSaid> {
    gate: T::Gate,
    /// When it was built, for closing in reverse order. Set only for services that close.
    built_at: BuiltAt<T>,
    // Last, for by its last field a struct is sized: fewer errors for a type that is no service.
    value: InitCell<T>,
}

type BuiltAt<T> = <<T as Service>::Gate as Gate>::Stamp;

impl<T: Service> Slot<T> {
    /// An empty slot.
    #[inline]
    pub fn new() -> Self {
        Self { value: InitCell::new(), gate: T::Gate::default(), built_at: BuiltAt::<T>::default() }
    }

    /// Puts `service` in before anybody asks, so that the constructor is never called. For tests, and for values that
    /// are known already.
    ///
    /// # Errors
    ///
    /// Gives `service` back when the slot is full, or an asynchronous constructor is about to fill it.
    pub fn fill(&self, service: T) -> Result<(), T> {
        match self.gate.wait() {
            Some(_turn) if self.value.try_get().is_none() => {
                self.keep_in_turn(service);
                Ok(())
            }
            _ => Err(service),
        }
    }

    /// The service, if it has been built.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.try_get()
    }

    /// Only for whoever has the turn, so nobody waits for it.
    #[inline]
    fn keep_in_turn(&self, service: T) {
        // Before the service can be seen: what is seen is closed.
        self.built_at.mark();
        let kept = self.value.set(service);
        debug_assert!(kept, "who has the turn has seen that the slot is empty");
    }

    pub(crate) fn built_at(&self) -> Option<Instant> {
        self.built_at.read()
    }
}

/// A panic in a constructor leaves nothing behind, so there is nothing to distrust but the service itself.
impl<T: Service + RefUnwindSafe + UnwindSafe> RefUnwindSafe for Slot<T> {}

impl<T: Service> Default for Slot<T> {
    #[inline]
    fn default() -> Self {
        Self::new()
    }
}

/// Shows whether it is built, never what: a service may hold secrets.
impl<T: Service> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot<{}>({})", T::INFO.name, if self.get().is_some() { "built" } else { "empty" })
    }
}

/// Keeps every instance of a transient service until the scope ends: each ask builds another.
///
/// Each instance costs one allocation, since it has to stay where it is while others are added.
pub struct Transient<T: Service = NotSaid> {
    first: OnceLock<Box<Node<T>>>,
}

struct Node<T> {
    value: T,
    next: OnceLock<Box<Node<T>>>,
}

impl<T: Service> Transient<T> {
    /// No instance yet.
    #[inline]
    pub fn new() -> Self {
        Self { first: OnceLock::new() }
    }

    fn push(&self, value: T) -> &T {
        let mut node = Box::new(Node { value, next: OnceLock::new() });
        let mut end = &self.first;
        loop {
            while let Some(occupied) = end.get() {
                end = &occupied.next;
            }
            // Another thread may take this end first; then the node comes back and goes further along.
            match end.set(node) {
                Ok(()) => return &end.get().expect("just set").value,
                Err(refused) => node = refused,
            }
        }
    }
}

impl<T: Service> Default for Transient<T> {
    #[inline]
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Service> fmt::Debug for Transient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transient<{}>", T::INFO.name)
    }
}

/// What is kept by a field that does not say what (`auth: Slot`), so that it is `#[derive(Scope)]` that asks for it, and not the
/// compiler as well.
#[doc(hidden)]
#[derive(Debug)]
pub struct NotSaid(());

#[crate::service(crate = crate)]
impl NotSaid {
    fn new() -> Self {
        Self(())
    }
}

/// A field that can keep a `T` as often as it is built: a [`Slot`] what is built once, a [`Transient`] what is built at each ask.
/// If it does not, write the other of the two, or `#[service]` in place of `#[service(transient)]`. Nobody implements this.
pub trait Place<T>: Sync {
    /// What is there already and may be handed out again.
    #[doc(hidden)]
    fn existing(&self) -> Option<&T>;
    /// Puts in what `make` makes. If another got there first, theirs is the one.
    #[doc(hidden)]
    fn put(&self, make: impl FnOnce() -> T) -> &T;
    /// Puts in what has been made. If another got there first, theirs is the one.
    #[doc(hidden)]
    fn keep(&self, made: T) -> &T;
    /// Runs `make` while nobody else does, unless there is a value by then.
    #[doc(hidden)]
    fn put_fallible<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E>;
    /// Leave to build asynchronously, once nobody else does. Then there may be a value by now.
    #[doc(hidden)]
    fn poll_turn(&self, cx: &Context<'_>) -> Poll<Turn<'_>>;
}

impl<T: Service<Itself = T, Lifetime: BuiltOnce>> Place<T> for Slot<T>
where
    T::Itself: Send + Sync,
{
    #[inline]
    fn existing(&self) -> Option<&T> {
        self.get()
    }

    #[inline]
    fn put(&self, make: impl FnOnce() -> T) -> &T {
        let _turn = self.gate.wait();
        match self.get() {
            Some(built) => built,
            None => self.keep(make()),
        }
    }

    #[inline]
    fn keep(&self, made: T) -> &T {
        self.keep_in_turn(made);
        self.get().expect("just kept")
    }

    fn put_fallible<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let _turn = self.gate.wait();
        match self.get() {
            Some(built) => Ok(built),
            None => make().map(|made| self.keep(made)),
        }
    }

    #[inline]
    fn poll_turn(&self, cx: &Context<'_>) -> Poll<Turn<'_>> {
        self.gate.poll_turn(cx)
    }
}

impl<T: Service<Itself = T, Lifetime: BuiltAtEachAsk>> Place<T> for Transient<T>
where
    T::Itself: Send + Sync,
{
    #[inline]
    fn existing(&self) -> Option<&T> {
        None
    }

    fn put(&self, make: impl FnOnce() -> T) -> &T {
        self.push(make())
    }

    fn keep(&self, made: T) -> &T {
        self.push(made)
    }

    fn put_fallible<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        make().map(|value| self.push(value))
    }

    #[inline]
    fn poll_turn(&self, _: &Context<'_>) -> Poll<Turn<'_>> {
        Poll::Ready(Turn::for_everybody())
    }
}
