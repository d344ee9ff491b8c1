//! A slot is built at most once, also when several ask together.
//!
//! Each container has a `Transient` of the same service beside the `Slot`. It is the twin that is built each time, and
//! shows that the journal would tell.

use std::sync::Barrier;
use std::task::Poll;

use quilt_scope::{BoxError, Scope, Slot, Transient, service};

use crate::journal::{Door, Journal, now, poll_once};

#[derive(Scope)]
struct App {
    #[scope(seed)]
    journal: Journal,
    #[scope(seed)]
    door: Door,
}

fn app() -> App {
    App::open(Journal::default(), Door::closed())
}

struct Waiting(usize);

#[service]
impl Waiting {
    async fn new(journal: &Journal, door: &Door) -> Self {
        journal.note("waiting");
        door.pass().await;
        Self(journal.notes().len())
    }
}

struct WaitingTwin;

#[service(transient)]
impl WaitingTwin {
    async fn new(journal: &Journal, door: &Door) -> Self {
        journal.note("twin");
        door.pass().await;
        Self
    }
}

#[derive(Scope)]
struct AsyncScope<'req> {
    #[scope(parent)]
    app: &'req App,
    waiting: Slot<Waiting>,
    twin: Transient<WaitingTwin>,
}

#[test]
fn two_branches_of_a_join_share_one_asynchronous_build() {
    let app = app();
    let scope = AsyncScope::open(&app);
    let both = async { futures_util::try_join!(scope.get::<Waiting>(), scope.get::<Waiting>()) };
    let mut both = Box::pin(both);
    assert!(poll_once(&mut both).is_pending());
    app.door.open_for(2);
    let Poll::Ready(Ok((first, second))) = poll_once(&mut both) else { panic!("the door is open") };
    assert!(std::ptr::eq(first, second));
    assert_eq!(first.0, 1, "nothing else was built in between");
    assert_eq!(app.journal.notes(), ["waiting"]);
}

#[test]
fn the_twin_is_built_in_each_branch() {
    let app = app();
    let scope = AsyncScope::open(&app);
    app.door.open_for(2);
    let both = async { futures_util::try_join!(scope.get::<WaitingTwin>(), scope.get::<WaitingTwin>()) };
    let (first, second) = now(both).expect("it cannot fail");
    assert!(!std::ptr::eq(first, second));
    assert_eq!(app.journal.notes(), ["twin", "twin"]);
}

#[test]
fn two_threads_share_one_asynchronous_build() {
    let app = app();
    let scope = AsyncScope::open(&app);
    let together = Barrier::new(3);
    std::thread::scope(|threads| {
        let ask = || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
            together.wait();
            let service = runtime.block_on(scope.get::<Waiting>()).expect("it cannot fail");
            std::ptr::from_ref(service) as usize
        };
        let (first, second) = (threads.spawn(ask), threads.spawn(ask));
        together.wait();
        app.door.open_for(2);
        assert_eq!(first.join().ok(), second.join().ok());
    });
    assert_eq!(app.journal.notes(), ["waiting"]);
}

/// Lets a constructor on one thread wait until another thread asks too.
#[derive(Default)]
struct Meeting {
    started: std::sync::OnceLock<()>,
    asking: std::sync::OnceLock<()>,
}

impl Meeting {
    fn constructor_waits_for_the_other(&self) {
        if self.started.set(()).is_ok() {
            self.asking.wait();
        }
    }

    fn other_waits_for_the_constructor(&self) {
        self.started.wait();
        let _ = self.asking.set(());
    }
}

struct Plain(#[expect(dead_code, reason = "gives it an address of its own")] u8);

#[service]
impl Plain {
    fn new(journal: &Journal, meeting: &Meeting) -> Self {
        journal.note("plain");
        meeting.constructor_waits_for_the_other();
        Self(1)
    }
}

struct Fallible(#[expect(dead_code, reason = "gives it an address of its own")] u8);

#[service]
impl Fallible {
    fn new(journal: &Journal, meeting: &Meeting) -> Result<Self, BoxError> {
        journal.note("fallible");
        meeting.constructor_waits_for_the_other();
        Ok(Self(1))
    }
}

struct PlainTwin(#[expect(dead_code, reason = "gives it an address of its own")] u8);

#[service(transient)]
impl PlainTwin {
    fn new(journal: &Journal, meeting: &Meeting) -> Self {
        journal.note("twin");
        meeting.constructor_waits_for_the_other();
        Self(1)
    }
}

#[derive(Scope)]
struct SyncScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    meeting: Meeting,
    plain: Slot<Plain>,
    fallible: Slot<Fallible>,
    twin: Transient<PlainTwin>,
}

/// The addresses that two threads get, the second of which asks while the first one's constructor runs.
fn asked_by_two_threads<T: Sync>(
    scope: &SyncScope<'_>,
    ask: impl Fn() -> T + Sync,
    address: impl Fn(T) -> usize + Sync,
) -> (usize, usize) {
    std::thread::scope(|threads| {
        let first = threads.spawn(|| address(ask()));
        let second = threads.spawn(|| {
            scope.meeting.other_waits_for_the_constructor();
            address(ask())
        });
        (first.join().expect("it does not panic"), second.join().expect("it does not panic"))
    })
}

macro_rules! shared_by_two_threads {
    ($service:ty, $times:literal) => {
        for _ in 0..100 {
            let app = app();
            let scope = SyncScope::open(&app, Meeting::default());
            let (first, second) = asked_by_two_threads(
                &scope,
                || now(scope.get::<$service>()).expect("it does not fail"),
                |service| std::ptr::from_ref(service) as usize,
            );
            assert_eq!(first == second, $times == 1);
            assert_eq!(app.journal.notes().len(), $times);
        }
    };
}

#[test]
fn two_threads_share_one_build_of_a_plain_service() {
    shared_by_two_threads!(Plain, 1);
}

#[test]
fn two_threads_share_one_build_of_a_fallible_service() {
    shared_by_two_threads!(Fallible, 1);
}

#[test]
fn two_threads_build_the_twin_each() {
    shared_by_two_threads!(PlainTwin, 2);
}
