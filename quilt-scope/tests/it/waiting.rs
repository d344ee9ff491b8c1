//! A thread that asks for what another thread builds: it sleeps until then, and builds itself if the other panics.

use std::fs;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use quilt_scope::{Scope, Slot, service};

use crate::journal::{Door, now, poll_once};

/// Two threads: one builds, and the other one waits for it.
#[derive(Default)]
struct Meeting {
    builds: AtomicUsize,
    started: OnceLock<()>,
    waiter: OnceLock<String>,
    slept: OnceLock<bool>,
    /// How often the waiting thread is looked at.
    looks: usize,
    panics: bool,
}

impl Meeting {
    /// The first to build stays until the other sleeps, or it is clear that it does not.
    fn build(&self) -> usize {
        let earlier = self.builds.fetch_add(1, Ordering::SeqCst);
        if earlier == 0 {
            let _ = self.started.set(());
            let slept = falls_asleep(self.waiter.wait(), self.looks);
            assert!(self.slept.set(slept).is_ok(), "nobody else builds");
            assert!(!self.panics, "unlucky");
        }
        earlier
    }

    fn come_second(&self) {
        self.started.wait();
        let who = fs::read_link("/proc/thread-self").expect("this is Linux");
        assert!(self.waiter.set(who.display().to_string()).is_ok(), "nobody else waits");
    }
}

/// Looks at a thread until it sleeps. One that spins or yields is always running.
fn falls_asleep(thread: &str, looks: usize) -> bool {
    (0..looks).any(|_| {
        std::thread::yield_now();
        let stat = fs::read_to_string(format!("/proc/{thread}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('S'))
    })
}

struct Plain(usize);

#[service]
impl Plain {
    fn new(meeting: &Meeting) -> Self {
        Self(meeting.build())
    }
}

struct Waited(#[expect(dead_code, reason = "gives it an address of its own")] u8);

#[service]
impl Waited {
    async fn new(door: &Door) -> Self {
        door.pass().await;
        Self(1)
    }
}

#[derive(Scope)]
struct App {}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    meeting: Meeting,
    #[scope(seed)]
    door: Door,
    plain: Slot<Plain>,
    waited: Slot<Waited>,
}

fn open(app: &App, meeting: Meeting) -> RequestScope<'_> {
    RequestScope::open(app, meeting, Door::closed())
}

/// Enough for the other thread to come to sleep, however busy the machine is.
const MANY: usize = 1_000_000;

/// What the one that builds gets, and the one that comes second.
fn two_threads(scope: &RequestScope<'_>, second: impl FnOnce() -> usize + Send) -> (Option<usize>, usize) {
    std::thread::scope(|threads| {
        let first = threads.spawn(|| {
            let ask = || now(scope.get::<Plain>()).map(|plain| plain.0).ok();
            catch_unwind(AssertUnwindSafe(ask)).ok().flatten()
        });
        let second = threads.spawn(|| {
            scope.meeting.come_second();
            second()
        });
        (first.join().expect("it is caught"), second.join().expect("it does not panic"))
    })
}

#[test]
fn a_thread_that_waits_for_another_ones_build_sleeps() {
    let app = App::open();
    let scope = open(&app, Meeting { looks: MANY, ..Meeting::default() });
    let built = two_threads(&scope, || now(scope.get::<Plain>()).expect("it cannot fail").0);
    assert_eq!(built, (Some(0), 0), "one build for both");
    assert_eq!(scope.meeting.slept.get(), Some(&true));
}

#[test]
fn the_twin_that_spins_does_not_sleep() {
    let app = App::open();
    let scope = open(&app, Meeting { looks: 1_000, ..Meeting::default() });
    let built = two_threads(&scope, || {
        while scope.meeting.slept.get().is_none() {
            std::thread::yield_now();
        }
        now(scope.get::<Plain>()).expect("it cannot fail").0
    });
    assert_eq!(built, (Some(0), 0));
    assert_eq!(scope.meeting.slept.get(), Some(&false));
}

#[test]
fn a_thread_that_waits_for_a_build_that_panics_builds_itself() {
    let app = App::open();
    let scope = open(&app, Meeting { looks: MANY, panics: true, ..Meeting::default() });
    let built = two_threads(&scope, || now(scope.get::<Plain>()).expect("it cannot fail").0);
    assert_eq!(built, (None, 1));
    assert_eq!(scope.meeting.slept.get(), Some(&true), "it waited before it built");
}

#[test]
fn what_is_being_built_asynchronously_cannot_be_filled() {
    let app = App::open();
    let scope = open(&app, Meeting::default());
    let mut building = scope.get::<Waited>();
    assert!(poll_once(&mut building).is_pending());
    assert!(scope.waited.fill(Waited(2)).is_err(), "it would be thrown away");
    drop(building);
    assert!(scope.waited.fill(Waited(2)).is_ok(), "nobody builds it any more");
    assert!(scope.waited.fill(Waited(3)).is_err(), "it is full");
}

#[test]
fn a_slot_may_be_looked_at_after_a_panic() {
    fn looked_at<T: RefUnwindSafe>(_: &T) {}
    let app = App::open();
    looked_at(&open(&app, Meeting::default()).plain);
}
