//! What is given of a type: to a tool, or to a constructor.
//!
//! A service that may not change threads is told so where it says how it is built. What it is given as is [`Service::Itself`], and of
//! such a service unknown, so that nobody who takes it is told the same. Of what is no service it is the type.
//!
//! What is inherent is preferred to what is a trait's, and is there only for services.

use std::marker::PhantomData;

use crate::held_in::HeldIn;
use crate::lazy::Lazy;
use crate::provides::Provides;
use crate::ready::Ready;
use crate::service::Service;

/// Gives references to `T`.
pub struct Of<T: ?Sized>(PhantomData<T>);

impl<T: Service> Of<T> {
    /// To a tool, built now.
    #[inline]
    pub fn ask<'req, S: Provides<'req, T::Itself>>(scope: &'req S) -> Ready<'req, &'req T::Itself> {
        scope.provide()
    }

    /// To a tool, to be built on first use.
    #[inline]
    pub fn ask_later<'req, S: Provides<'req, T::Itself> + Sync>(
        scope: &'req S,
    ) -> Ready<'req, Lazy<'req, T::Itself>> {
        Ready::now(Lazy::from_scope(scope))
    }

    /// To a constructor, built now.
    #[inline]
    pub fn take<'req, S>(scope: &'req S) -> Ready<'req, &'req T::Itself>
    where
        &'req T::Itself: HeldIn<'req, T::Itself, S>,
    {
        <&'req T::Itself>::take(scope)
    }

    /// To a constructor, to be built on first use.
    #[inline]
    pub fn take_later<'req, S: Sync>(scope: &'req S) -> Ready<'req, Lazy<'req, T::Itself>>
    where
        &'req T::Itself: HeldIn<'req, T::Itself, S>,
    {
        Ready::now(<&'req T::Itself>::take_later(scope))
    }
}

/// What is no service: a seed, or a trait object.
pub trait OfNoService<T: ?Sized> {
    /// To a tool.
    #[inline]
    fn ask<'req, S: Provides<'req, T>>(scope: &'req S) -> Ready<'req, &'req T> {
        scope.provide()
    }

    /// To a tool, to be built on first use.
    #[inline]
    fn ask_later<'req, S: Provides<'req, T> + Sync>(scope: &'req S) -> Ready<'req, Lazy<'req, T>> {
        Ready::now(Lazy::from_scope(scope))
    }

    /// To a constructor.
    #[inline]
    fn take<'req, S>(scope: &'req S) -> Ready<'req, &'req T>
    where
        &'req T: HeldIn<'req, T, S>,
    {
        <&'req T>::take(scope)
    }

    /// To a constructor, to be built on first use.
    #[inline]
    fn take_later<'req, S: Sync>(scope: &'req S) -> Ready<'req, Lazy<'req, T>>
    where
        &'req T: HeldIn<'req, T, S>,
    {
        Ready::now(<&'req T>::take_later(scope))
    }
}

impl<T: ?Sized> OfNoService<T> for Of<T> {}
