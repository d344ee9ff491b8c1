//! All that expansions may call. Outside every promise of stability.

use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::graph_check::Text;
use crate::service::Service;
use crate::tool::{ArgumentError, CallError};
use crate::{Ready, Slot, Transient};

pub use crate::arguments::{Argument, arguments};
pub use crate::build::dependency_failed;
pub use crate::for_tool::{At, FirstTool, NoTable};
pub use crate::graph::{Dependency, Graph, Key, Node, ServiceInfo};
pub use crate::graph_check::assert_slot_in_order;
pub use crate::inputs::{Inputs, Property};
pub use crate::join::Join;
pub use crate::lifetime::Outlives;
pub use crate::nested::Nested;
pub use crate::of::{Of, OfNoService};
pub use crate::provided_once::{OneProvider, Providers, Sole};
pub use crate::scope::Unclosed;
pub use crate::threads::{Kept, Known, NotKept, NotKnown, NotShared, one_of_all};
pub use crate::whole::{Asks, Shares, Then, one};
pub use quilt_scope_macros::tool_set;

pub use crate::gate::{Closing, Turnstile};
pub use crate::names::{ToolName, assert_new_name};
pub use crate::queue::Queue;
pub use {serde_json, std as core};

/// A reference, written so that `dyn Trait + 'req` needs no parentheses.
pub type Ref<'req, T> = &'req T;

/// What a scope answers when it is asked for `T`.
pub type Asked<'req, T> = Ready<'req, &'req T>;

/// What a scope has to tidy up.
pub type ToClose<'s> = Vec<Unclosed<'s>>;

/// What is there for the compiler alone, and nobody can call.
///
/// # Panics
///
/// If somebody does.
pub fn never() -> ! {
    unreachable!("the compiler refuses to call it")
}

/// What a body calls to get at a service that its function was given.
///
/// A function, for of a closure that stood in the body the borrow checker would say that the closure returns too much, and not
/// where the body lets the service escape.
#[inline]
pub fn accessor<T: Copy>(given: T) -> impl Fn() -> T + Copy {
    move || given
}

/// Asked of what has been reported as a mistake. Nothing implements it, and nobody is told so a second time.
pub trait Mistaken {
    /// No type, and so at peace with every use.
    type Instead;
}

/// Finds the key of a type when compiling: that of a service, or else none.
///
/// An inherent constant is preferred to a trait's, and exists only for services.
pub struct Keyed<T: ?Sized>(PhantomData<T>);

impl<T: Service> Keyed<T> {
    /// The key of the service.
    pub const KEY: Option<Key> = Some(T::KEY);
}

/// The key of what is no service.
pub trait KeyedByName {
    /// None: it goes by how it is written.
    const KEY: Option<Key> = None;
}

impl<T: ?Sized> KeyedByName for Keyed<T> {}

/// Finds out when compiling whether a service could be carried off.
///
/// An inherent constant is preferred to a trait's, and exists only for types that can.
pub struct Carried<T>(PhantomData<T>);

impl<T: Clone> Carried<T> {
    /// As a copy.
    pub const CLONE: bool = true;
}

impl<T: Copy> Carried<T> {
    /// Without anybody noticing.
    pub const COPY: bool = true;
}

impl<T: Serialize> Carried<T> {
    /// As text.
    pub const SERIALIZE: bool = true;
}

impl<T: DeserializeOwned> Carried<T> {
    /// Out of text that somebody else wrote.
    pub const DESERIALIZE: bool = true;
}

/// What is said of all other types.
pub trait Stays {
    /// Not as a copy.
    const CLONE: bool = false;
    /// Not unnoticed.
    const COPY: bool = false;
    /// Not as text.
    const SERIALIZE: bool = false;
    /// Not out of text.
    const DESERIALIZE: bool = false;
}

impl<T> Stays for Carried<T> {}

/// Refuses to compile a request-scoped service that has one of these traits.
///
/// # Panics
///
/// When it has.
#[track_caller]
pub const fn assert_stays(service: &str, traits: &[(&str, bool)]) {
    let mut i = 0;
    while i < traits.len() {
        if traits[i].1 {
            let message = Text::new()
                .push("`")
                .push(service)
                .push("` is `")
                .push(traits[i].0)
                .push("`, so it could be carried out of its request; remove `")
                .push(traits[i].0)
                .push("`, and put what may leave in a type of its own");
            panic!("{}", message.as_str());
        }
        i += 1;
    }
}

/// What a field keeps.
///
/// Asked of the field's type where it is written. Of one that is no field then the same is said as of the type itself, and the
/// compiler says it once. Of the service in it the compiler then knows neither of its two names here, and is silent.
pub trait Field {
    /// The service.
    type Service;
    /// The service.
    type Same;
    /// As data.
    const INFO: &'static ServiceInfo;
    /// Nothing built yet.
    fn empty() -> Self;
    /// Has the type looked at before anything else is asked of it.
    #[inline]
    fn known() {}
    /// What a scope answers that is asked for the service.
    fn answer<'req>(asked: Asked<'req, Self::Service>) -> Asked<'req, Self::Same>;
}

impl<T: Service> Field for Slot<T> {
    type Service = T::Itself;
    type Same = T::Itself;
    const INFO: &'static ServiceInfo = T::INFO.counted(T::CHANGES_THREADS);
    #[inline]
    fn empty() -> Self {
        Self::new()
    }
    #[inline]
    fn answer<'req>(asked: Asked<'req, T::Itself>) -> Asked<'req, T::Itself> {
        asked
    }
}

impl<T: Service> Field for Transient<T> {
    type Service = T::Itself;
    type Same = T::Itself;
    const INFO: &'static ServiceInfo = T::INFO.counted(T::CHANGES_THREADS);
    #[inline]
    fn empty() -> Self {
        Self::new()
    }
    #[inline]
    fn answer<'req>(asked: Asked<'req, T::Itself>) -> Asked<'req, T::Itself> {
        asked
    }
}

/// Collects a field's service for closing, if it is built and closes.
pub trait Closes {
    /// Adds it to `out`.
    fn unclosed<'s>(&'s self, slot: usize, out: &mut Vec<Unclosed<'s>>);
}

impl<T: Service<Itself = T>> Closes for Slot<T>
where
    T::Itself: Send + Sync,
{
    #[inline]
    fn unclosed<'s>(&'s self, slot: usize, out: &mut Vec<Unclosed<'s>>) {
        if T::CLOSES
            && let Some(service) = self.get()
            && let Some(built_at) = self.built_at()
        {
            out.push(Unclosed { slot, built_at, close: Box::new(move || service.close()) });
        }
    }
}

impl<T: Service> Closes for Transient<T> {
    #[inline]
    fn unclosed<'s>(&'s self, _: usize, _: &mut Vec<Unclosed<'s>>) {}
}

/// The default of what may be left out and has no other.
pub const NULL: Option<Value> = Some(Value::Null);

/// What a client can be told of a default: its value, if it is one that can be written down.
///
/// An inherent method is preferred to a trait's, and exists only for what can be serialised.
pub struct Shown<T>(pub T);

impl<T: Serialize> Shown<T> {
    /// As JSON.
    pub fn value(self) -> Option<Value> {
        serde_json::to_value(self.0).ok()
    }
}

/// What is said of all other defaults.
pub trait NotShown: Sized {
    /// Nothing.
    fn value(self) -> Option<Value> {
        None
    }
}

impl<T> NotShown for Shown<T> {}

/// Refuses an argument outside its range.
///
/// # Errors
///
/// When it is.
pub fn check_range<'a, T>(
    name: &'static str,
    values: impl IntoIterator<Item = &'a T>,
    range: RangeInclusive<T>,
) -> Result<(), CallError>
where
    T: PartialOrd + Display + 'a,
{
    for value in values {
        if !range.contains(value) {
            let problem = format!("{value} is out of range: from {} to {}", range.start(), range.end());
            return Err(CallError::Arguments(ArgumentError::new(name, problem)));
        }
    }
    Ok(())
}

/// A regular expression that is compiled on first use.
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<regex_lite::Regex>,
}

impl Pattern {
    /// A `source` that is no regular expression is a panic at first use.
    pub const fn new(source: &'static str) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// Refuses an argument that does not match.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub fn check<'a, T>(
        &self,
        name: &'static str,
        values: impl IntoIterator<Item = &'a T>,
    ) -> Result<(), CallError>
    where
        T: AsRef<str> + 'a,
    {
        let regex = self
            .compiled
            .get_or_init(|| regex_lite::Regex::new(self.source).expect("the pattern is an expression"));
        for value in values {
            if !regex.is_match(value.as_ref()) {
                let problem = format!("{:?} does not match the pattern {}", value.as_ref(), self.source);
                return Err(CallError::Arguments(ArgumentError::new(name, problem)));
            }
        }
        Ok(())
    }
}
