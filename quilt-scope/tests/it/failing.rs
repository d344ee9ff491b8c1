//! A build that fails, is cancelled or panics leaves the slot empty and nobody stuck.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use quilt_scope::{Scope, Slot, service};

use crate::journal::{Door, Journal, Woken, now, poll_once, poll_woken};

/// What goes wrong with the first attempt.
#[derive(Clone, Copy, PartialEq)]
enum FirstTime {
    Fails,
    Panics,
}

struct Luck {
    first_time: FirstTime,
    attempts: AtomicU32,
}

impl Luck {
    fn that(first_time: FirstTime) -> Self {
        Self { first_time, attempts: AtomicU32::new(0) }
    }

    fn attempt(&self) -> Result<u32, Unlucky> {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst);
        match (attempt, self.first_time) {
            (0, FirstTime::Fails) => Err(Unlucky(attempt)),
            (0, FirstTime::Panics) => panic!("unlucky"),
            _ => Ok(attempt),
        }
    }
}

#[derive(Debug)]
struct Unlucky(u32);

impl std::fmt::Display for Unlucky {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unlucky at attempt {}", self.0)
    }
}

impl std::error::Error for Unlucky {}

struct Plain(u32);

#[service]
impl Plain {
    fn new(luck: &Luck) -> Self {
        Self(luck.attempt().unwrap_or(u32::MAX))
    }
}

struct Fallible(u32);

#[service]
impl Fallible {
    fn new(luck: &Luck) -> Result<Self, Unlucky> {
        luck.attempt().map(Self)
    }
}

struct AsyncFallible(u32);

#[service]
impl AsyncFallible {
    async fn new(luck: &Luck, door: &Door) -> Result<Self, Unlucky> {
        door.pass().await;
        luck.attempt().map(Self)
    }
}

struct Middle<'req>(&'req Fallible);

#[service]
impl<'req> Middle<'req> {
    fn new(fallible: &'req Fallible) -> Self {
        Self(fallible)
    }
}

struct Outer<'req>(&'req Middle<'req>);

#[service]
impl<'req> Outer<'req> {
    async fn new(middle: &'req Middle<'req>) -> Self {
        Self(middle)
    }
}

#[derive(Scope)]
struct App {}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    luck: Luck,
    #[scope(seed)]
    door: Door,
    outer: Slot<Outer<'req>>,
    middle: Slot<Middle<'req>>,
    plain: Slot<Plain>,
    fallible: Slot<Fallible>,
    waiting: Slot<AsyncFallible>,
}

fn open(app: &App, first_time: FirstTime) -> RequestScope<'_> {
    RequestScope::open(app, Luck::that(first_time), Door::closed())
}

#[test]
fn a_failed_build_leaves_the_slot_empty_and_the_next_ask_tries_again() {
    let app = App::open();
    let scope = open(&app, FirstTime::Fails);
    assert!(now(scope.get::<Fallible>()).is_err());
    assert!(scope.fallible.get().is_none());
    assert_eq!(now(scope.get::<Fallible>()).expect("the second time it works").0, 1);
    assert_eq!(now(scope.get::<Fallible>()).expect("it is kept").0, 1);
}

#[test]
fn a_failed_asynchronous_build_leaves_the_slot_empty_and_the_next_ask_tries_again() {
    let app = App::open();
    let scope = open(&app, FirstTime::Fails);
    scope.door.open_for(2);
    assert!(now(scope.get::<AsyncFallible>()).is_err());
    assert!(scope.waiting.get().is_none());
    assert_eq!(now(scope.get::<AsyncFallible>()).expect("the second time it works").0, 1);
    assert_eq!(now(scope.get::<AsyncFallible>()).expect("it is kept").0, 1);
}

#[test]
fn of_two_that_wait_together_the_second_tries_after_the_first_failed() {
    let app = App::open();
    let scope = open(&app, FirstTime::Fails);
    let (mut first, mut second) = (scope.get::<AsyncFallible>(), scope.get::<AsyncFallible>());
    assert!(poll_once(&mut first).is_pending());
    assert!(poll_once(&mut second).is_pending());
    scope.door.open_for(2);
    assert!(matches!(poll_once(&mut first), Poll::Ready(Err(_))));
    assert!(matches!(poll_once(&mut second), Poll::Ready(Ok(AsyncFallible(1)))));
}

#[test]
fn the_error_names_the_services_outward_and_hands_back_its_source() {
    let app = App::open();
    let scope = open(&app, FirstTime::Fails);
    let Err(error) = now(scope.get::<Outer<'_>>()) else { panic!("the first attempt fails") };
    assert_eq!(error.service(), "Fallible");
    assert_eq!(error.needed_by_path(), ["Middle", "Outer"]);
    assert_eq!(error.to_string(), "`Fallible` could not be built, needed by `Middle`, needed by `Outer`");
    assert!(error.into_source().downcast::<Unlucky>().is_ok_and(|unlucky| unlucky.0 == 0));
    assert_eq!(now(scope.get::<Outer<'_>>()).expect("the second time it works").0.0.0, 1);
}

#[test]
fn a_cancelled_build_leaves_the_slot_empty() {
    let app = App::open();
    let scope = open(&app, FirstTime::Fails);
    let mut cancelled = scope.get::<AsyncFallible>();
    assert!(poll_once(&mut cancelled).is_pending());
    drop(cancelled);
    assert!(scope.waiting.get().is_none());
    assert_eq!(scope.luck.attempts.load(Ordering::SeqCst), 0);
    scope.door.open_for(2);
    assert!(now(scope.get::<AsyncFallible>()).is_err(), "this is the first attempt that came to its end");
    assert!(now(scope.get::<AsyncFallible>()).is_ok());
}

#[test]
fn one_that_waits_for_a_build_that_is_cancelled_is_woken_and_builds() {
    let app = App::open();
    let scope = open(&app, FirstTime::Fails);
    let woken = Arc::new(Woken::default());
    let (mut cancelled, mut waiting) = (scope.get::<AsyncFallible>(), scope.get::<AsyncFallible>());
    assert!(poll_once(&mut cancelled).is_pending());
    assert!(poll_woken(&mut waiting, &woken).is_pending());
    assert_eq!(woken.times(), 0);
    drop(cancelled);
    assert_eq!(woken.times(), 1, "it is its turn now");
    scope.door.open_for(1);
    assert!(poll_woken(&mut waiting, &woken).is_ready());
}

#[test]
fn one_that_waits_and_is_cancelled_does_not_keep_the_builder_from_it() {
    let app = App::open();
    let scope = open(&app, FirstTime::Panics);
    scope.luck.attempts.store(1, Ordering::SeqCst);
    let (mut building, mut cancelled) = (scope.get::<AsyncFallible>(), scope.get::<AsyncFallible>());
    assert!(poll_once(&mut building).is_pending());
    assert!(poll_once(&mut cancelled).is_pending());
    drop(cancelled);
    scope.door.open_for(1);
    assert!(matches!(poll_once(&mut building), Poll::Ready(Ok(AsyncFallible(1)))));
}

#[test]
fn a_panicking_constructor_poisons_nothing() {
    let app = App::open();
    let scope = open(&app, FirstTime::Panics);
    let panicked = catch_unwind(AssertUnwindSafe(|| drop(now(scope.get::<Plain>()))));
    assert!(panicked.is_err());
    assert!(scope.plain.get().is_none());
    assert_eq!(now(scope.get::<Plain>()).expect("it cannot fail").0, 1);
}

#[test]
fn a_panicking_fallible_constructor_poisons_nothing() {
    let app = App::open();
    let scope = open(&app, FirstTime::Panics);
    let panicked = catch_unwind(AssertUnwindSafe(|| drop(now(scope.get::<Fallible>()))));
    assert!(panicked.is_err());
    assert!(scope.fallible.get().is_none());
    assert_eq!(now(scope.get::<Fallible>()).expect("the second time it works").0, 1);
}

#[test]
fn one_that_waits_for_a_build_that_panics_is_woken_and_builds() {
    let app = App::open();
    let scope = open(&app, FirstTime::Panics);
    let woken = Arc::new(Woken::default());
    let (mut panicking, mut waiting) = (scope.get::<AsyncFallible>(), scope.get::<AsyncFallible>());
    assert!(poll_once(&mut panicking).is_pending());
    assert!(poll_woken(&mut waiting, &woken).is_pending());
    scope.door.open_for(2);
    let panicked = catch_unwind(AssertUnwindSafe(|| drop(poll_once(&mut panicking))));
    assert!(panicked.is_err());
    drop(panicking);
    assert!(woken.times() > 0, "it is its turn now");
    assert!(matches!(poll_woken(&mut waiting, &woken), Poll::Ready(Ok(AsyncFallible(1)))));
}

#[test]
fn a_failure_in_one_scope_is_not_seen_in_another() {
    let app = App::open();
    let journal = Journal::default();
    for _ in 0..2 {
        let scope = open(&app, FirstTime::Fails);
        journal.note(format!("{}", now(scope.get::<Fallible>()).is_err()));
    }
    assert_eq!(journal.notes(), ["true", "true"]);
}
