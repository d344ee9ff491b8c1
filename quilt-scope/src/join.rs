//! Several answers of a scope as one.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::ScopeError;
use crate::ready::{BoxFuture, Ready, State};

/// A tuple of answers. They are all asked for before any is awaited, so asynchronous ones are built side by side.
pub trait Join<'req> {
    /// The tuple of what they answer.
    type Output;
    /// Awaits all where it stands, without an allocation; fails with the first failure.
    type All: Future<Output = Result<Self::Output, ScopeError>> + Send + 'req;

    /// To be awaited.
    fn all(self) -> Self::All;

    /// One answer of all.
    fn join(self) -> Ready<'req, Self::Output>;
}

/// Awaits every part of a tuple.
///
/// Not `try_join!`: that is an opaque type, and answers that are there already (most are) pass through it slowly.
pub struct All<Parts>(Parts);

/// One of several answers, on the way.
pub enum Part<'req, T> {
    Asked(Ready<'req, T>),
    Answered(T),
    Taken,
}

// What is answered is moved out and never pinned.
impl<T> Unpin for Part<'_, T> {}

impl<T> Part<'_, T> {
    /// Whether the answer is there by now.
    #[inline]
    fn advance(&mut self, cx: &mut Context<'_>) -> Result<bool, ScopeError> {
        if let Self::Asked(ready) = self {
            match Pin::new(ready).poll(cx) {
                Poll::Ready(answer) => *self = Self::Answered(answer?),
                Poll::Pending => return Ok(false),
            }
        }
        Ok(true)
    }

    #[inline]
    fn take(&mut self) -> T {
        match std::mem::replace(self, Self::Taken) {
            Self::Answered(answer) => answer,
            Self::Asked(_) | Self::Taken => unreachable!("taken once, when all are answered"),
        }
    }
}

impl<'req> Join<'req> for () {
    type Output = ();
    type All = std::future::Ready<Result<(), ScopeError>>;

    #[inline]
    fn all(self) -> Self::All {
        std::future::ready(Ok(()))
    }

    #[inline]
    fn join(self) -> Ready<'req, ()> {
        Ready::now(())
    }
}

/// Out of the way of what is there already, which is mostly all.
#[cold]
#[inline(never)]
fn join_later<'req, Asked: Join<'req>>(asked: Asked) -> BoxFuture<'req, Result<Asked::Output, ScopeError>> {
    Box::pin(asked.all())
}

macro_rules! join_tuples {
    ($($name:ident)+) => {
        impl<'req, $($name: Send + 'req),+> Join<'req> for ($(Ready<'req, $name>,)+) {
            type Output = ($($name,)+);
            type All = All<($(Part<'req, $name>,)+)>;

            #[expect(non_snake_case, reason = "a type parameter and its value go by one name in this macro")]
            #[inline]
            fn all(self) -> Self::All {
                let ($($name,)+) = self;
                All(($(Part::Asked($name),)+))
            }

            #[expect(non_snake_case, reason = "a type parameter and its value go by one name in this macro")]
            #[inline]
            fn join(self) -> Ready<'req, Self::Output> {
                let ($($name,)+) = self;
                match ($($name.0,)+) {
                    ($(State::Now($name),)+) => Ready::now(($($name,)+)),
                    ($($name,)+) => Ready(State::Later(join_later(($(Ready($name),)+)))),
                }
            }
        }

        impl<$($name),+> Future for All<($(Part<'_, $name>,)+)> {
            type Output = Result<($($name,)+), ScopeError>;

            #[expect(non_snake_case, reason = "a type parameter and its value go by one name in this macro")]
            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let All(($($name,)+)) = self.get_mut();
                let mut answered = true;
                $(answered &= $name.advance(cx)?;)+
                if answered { Poll::Ready(Ok(($($name.take(),)+))) } else { Poll::Pending }
            }
        }
    };
}

join_tuples!(A);
join_tuples!(A B);
join_tuples!(A B C);
join_tuples!(A B C D);
join_tuples!(A B C D E);
join_tuples!(A B C D E F);
join_tuples!(A B C D E F G);
join_tuples!(A B C D E F G H);
join_tuples!(A B C D E F G H I);
join_tuples!(A B C D E F G H I J);
join_tuples!(A B C D E F G H I J K);
join_tuples!(A B C D E F G H I J K L);
