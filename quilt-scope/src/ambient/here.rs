//! Which requests the code that runs now may ask: set while a request's future is polled, and only then.
//!
//! By the poll and not by the task, so that it needs no particular runtime, and so that two requests in one task are kept
//! apart.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::sync::Arc;

use super::channel::Channel;
use crate::scope::Container;

thread_local! {
    /// From the outermost to the innermost. Holds the ways to who owns a scope, never anything of the scope.
    static HERE: RefCell<Vec<Here>> = const { RefCell::new(Vec::new()) };
}

/// The way to the owner of one scope, and who polls.
#[derive(Clone)]
pub(super) struct Here {
    container: TypeId,
    channel: Arc<dyn Any + Send + Sync>,
    polled: As,
}

/// Who polls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum As {
    /// The future that owns the scope. What is asked cannot be answered before this poll comes back to it.
    Owner,
    /// A task that follows the request.
    Follower,
}

/// Undoes [`Here::enter`].
pub(super) struct Entered(());

impl Drop for Entered {
    fn drop(&mut self) {
        HERE.with_borrow_mut(Vec::pop);
    }
}

impl Here {
    /// In the poll of the future that owns the scope.
    pub(super) fn owned<C: Container>(channel: &Arc<Channel<C>>) -> Self {
        Self { container: TypeId::of::<C>(), channel: Arc::clone(channel) as _, polled: As::Owner }
    }

    /// In the poll of a task that follows the innermost request of this code, if there is one.
    pub(super) fn followed() -> Option<Self> {
        let innermost = HERE.with_borrow(|entries| entries.last().cloned());
        innermost.map(|here| Self { polled: As::Follower, ..here })
    }

    /// From here on, until the answer is dropped, code on this thread may ask.
    pub(super) fn enter(&self) -> Entered {
        HERE.with_borrow_mut(|entries| entries.push(self.clone()));
        Entered(())
    }

    /// The way to the owner, if the scope is one of `C`.
    pub(super) fn channel<C: Container>(&self) -> Option<Arc<Channel<C>>> {
        if self.container == TypeId::of::<C>() { Arc::clone(&self.channel).downcast().ok() } else { None }
    }
}

/// The innermost channel to a scope of `C`.
pub(super) fn channel<C: Container>() -> Option<Arc<Channel<C>>> {
    HERE.with_borrow(|entries| entries.iter().rev().find_map(Here::channel))
}

/// Whether this thread is inside the owner's poll, so that to wait here is to wait for oneself.
pub(super) fn owner_is_below<C: Container>(channel: &Arc<Channel<C>>) -> bool {
    let is_it = |here: &Here| here.channel().is_some_and(|other| Arc::ptr_eq(&other, channel));
    HERE.with_borrow(|entries| entries.iter().any(|here| here.polled == As::Owner && is_it(here)))
}
