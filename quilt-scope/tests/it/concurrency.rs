//! Who waits for whom: never another request, and not one dependency for another.

use std::sync::{Mutex, mpsc};

use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

use crate::journal::{Door, Journal, now, poll_once};

/// A door that belongs to one request.
struct OwnDoor(Door);

struct Slow;

#[service]
impl Slow {
    async fn new(door: &OwnDoor) -> Self {
        door.0.pass().await;
        Self
    }
}

/// The twin: the same, but for all requests.
struct SharedSlow;

#[service(singleton)]
impl SharedSlow {
    async fn new(door: &Door) -> Self {
        door.pass().await;
        Self
    }
}

#[derive(Scope)]
struct App {
    #[scope(seed)]
    journal: Journal,
    #[scope(seed)]
    door: Door,
    shared: Slot<SharedSlow>,
}

struct Left(#[expect(dead_code, reason = "gives it a size")] u8);

#[service]
impl Left {
    async fn new(journal: &Journal, door: &OwnDoor) -> Self {
        journal.note("left starts");
        door.0.pass().await;
        Self(0)
    }
}

struct Right(#[expect(dead_code, reason = "gives it a size")] u8);

#[service]
impl Right {
    async fn new(journal: &Journal, door: &OwnDoor) -> Self {
        journal.note("right starts");
        door.0.pass().await;
        Self(0)
    }
}

struct Both;

#[service]
impl Both {
    fn new(_left: &Left, _right: &Right) -> Self {
        Self
    }
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    door: OwnDoor,
    both: Slot<Both>,
    left: Slot<Left>,
    right: Slot<Right>,
    slow: Slot<Slow>,
}

fn app() -> App {
    App::open(Journal::default(), Door::closed())
}

fn open(app: &App) -> RequestScope<'_> {
    RequestScope::open(app, OwnDoor(Door::closed()))
}

#[test]
fn a_slow_constructor_of_one_request_does_not_delay_another() {
    let app = app();
    let (slow, quick) = (open(&app), open(&app));
    let mut waiting = slow.get::<Slow>();
    assert!(poll_once(&mut waiting).is_pending());
    quick.door.0.open_for(1);
    assert!(now(quick.get::<Slow>()).is_ok(), "it does not wait for the first");
    assert!(poll_once(&mut waiting).is_pending(), "which is still being built");
    slow.door.0.open_for(1);
    assert!(poll_once(&mut waiting).is_ready());
}

#[test]
fn the_twin_that_all_requests_share_does_delay_them() {
    let app = app();
    let (slow, quick) = (open(&app), open(&app));
    let mut waiting = slow.get::<SharedSlow>();
    assert!(poll_once(&mut waiting).is_pending());
    let mut second = quick.get::<SharedSlow>();
    assert!(poll_once(&mut second).is_pending());
    app.door.open_for(1);
    assert!(poll_once(&mut waiting).is_ready());
    assert!(poll_once(&mut second).is_ready());
}

#[test]
fn independent_dependencies_are_built_side_by_side() {
    let app = app();
    let scope = open(&app);
    let mut both = scope.get::<Both>();
    assert!(poll_once(&mut both).is_pending());
    assert_eq!(app.journal.notes(), ["left starts", "right starts"]);
    scope.door.0.open_for(2);
    assert!(poll_once(&mut both).is_ready());
}

#[test]
fn the_twin_that_asks_for_one_after_the_other_builds_one_after_the_other() {
    let app = app();
    let scope = open(&app);
    let mut both = Box::pin(async {
        let left = scope.get::<Left>().await;
        let right = scope.get::<Right>().await;
        left.is_ok() && right.is_ok()
    });
    assert!(poll_once(&mut both).is_pending());
    assert_eq!(app.journal.notes(), ["left starts"]);
}

/// Takes both.
#[scoped_tool]
fn take(_left: &Left, _right: &Right) -> bool {
    true
}

#[test]
fn what_a_tool_takes_is_built_side_by_side() {
    let tools: ToolSet<RequestScope<'static>> = tool_set![take];
    let app = app();
    let scope = open(&app);
    let mut call = tools.call("take", &scope, serde_json::Map::new()).expect("it is in the set");
    assert!(poll_once(&mut call).is_pending());
    assert_eq!(app.journal.notes(), ["left starts", "right starts"]);
    scope.door.0.open_for(2);
    assert!(poll_once(&mut call).is_ready());
}

/// What a tool waits for that keeps its thread meanwhile, and whom it tells first that it is there.
struct Held {
    entered: mpsc::Sender<()>,
    released: Mutex<mpsc::Receiver<()>>,
}

fn held() -> (Held, mpsc::Sender<()>, mpsc::Receiver<()>) {
    let ((release, released), (entered, inside)) = (mpsc::channel(), mpsc::channel());
    (Held { entered, released: released.into() }, release, inside)
}

#[derive(Scope)]
struct HeldScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    held: Held,
}

/// Waits, and does not let its thread do anything else. Nothing in it is written as the macro would know it.
#[scoped_tool]
async fn block(held: &Held) -> bool {
    held.entered.send(()).is_ok() && held.released.lock().is_ok_and(|released| released.recv().is_ok())
}

/// It holds nothing of the framework's that another request would have to wait for.
#[test]
fn a_tool_that_blocks_its_thread_holds_up_no_other_thread() {
    let app = app();
    let tools: ToolSet<HeldScope<'static>> = tool_set![block];
    let call = |held: Held| {
        let scope = HeldScope::open(&app, held);
        now(tools.call("block", &scope, serde_json::Map::new()).expect("it is in the set")).ok()
    };
    std::thread::scope(|threads| {
        // In here, so that a failed assertion drops `release`, and the first call ends.
        let (first, release, inside) = held();
        let blocked = threads.spawn(|| call(first));
        assert!(inside.recv().is_ok(), "the first is in its tool");
        let (other, release_other, _inside) = held();
        assert!(release_other.send(()).is_ok());
        assert_eq!(call(other), Some(true.into()), "another thread serves another request");
        assert!(!blocked.is_finished(), "while the first stands");
        assert!(release.send(()).is_ok());
        assert_eq!(blocked.join().ok().flatten(), Some(true.into()));
    });
}
