//! How long an argument is, for `#[length(..)]`.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::ops::RangeInclusive;

use crate::tool::{ArgumentError, CallError};

/// What has a length as JSON Schema counts it: a text in characters, a list in items.
///
/// Implement it for an input type of your own, if its schema is that of a text or a list:
///
/// ```
/// use quilt_scope::Length;
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// pub struct Title(String);
///
/// impl Length for Title {
///     const UNIT: &'static str = "characters";
///     fn length(&self) -> usize {
///         self.0.length()
///     }
/// }
/// assert_eq!(Title("naïve".to_owned()).length(), 5);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no length",
    label = "neither a text nor a list",
    note = "write `#[range(1..=1000)]` for a number; for a type of your own that is sent as a text or a list, implement \
            `quilt_scope::Length`"
)]
pub trait Length {
    /// What is counted, for the one whose argument is refused.
    const UNIT: &'static str;

    /// How many there are.
    fn length(&self) -> usize;

    /// Refuses an argument that is too short or too long.
    ///
    /// # Errors
    ///
    /// When it is.
    #[doc(hidden)]
    fn held(&self, name: &'static str, allowed: RangeInclusive<usize>) -> Result<(), CallError> {
        let length = self.length();
        if allowed.contains(&length) {
            return Ok(());
        }
        let (least, most, unit) = (allowed.start(), allowed.end(), Self::UNIT);
        let problem = format!("has {length} {unit}; from {least} to {most} are allowed");
        Err(CallError::Arguments(ArgumentError::new(name, problem)))
    }
}

/// What is left out has no length to refuse.
#[diagnostic::do_not_recommend]
impl<T: Length> Length for Option<T> {
    const UNIT: &'static str = T::UNIT;

    fn length(&self) -> usize {
        self.as_ref().map_or(0, T::length)
    }

    fn held(&self, name: &'static str, allowed: RangeInclusive<usize>) -> Result<(), CallError> {
        self.as_ref().map_or(Ok(()), |given| given.held(name, allowed))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Length + ?Sized> Length for Box<T> {
    const UNIT: &'static str = T::UNIT;

    fn length(&self) -> usize {
        T::length(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Length + ToOwned + ?Sized> Length for Cow<'_, T> {
    const UNIT: &'static str = T::UNIT;

    fn length(&self) -> usize {
        T::length(self)
    }
}

macro_rules! texts {
    ($($text:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl Length for $text {
            const UNIT: &'static str = "characters";

            fn length(&self) -> usize {
                self.chars().count()
            }
        }
    )+};
}

texts!(str, String);

macro_rules! lists {
    ($([$($parameters:tt)*] $list:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($parameters)*> Length for $list {
            const UNIT: &'static str = "items";

            fn length(&self) -> usize {
                self.len()
            }
        }
    )+};
}

lists!([T] [T], [T] Vec<T>, [T] VecDeque<T>, [T] BTreeSet<T>, [T, S] HashSet<T, S>);
