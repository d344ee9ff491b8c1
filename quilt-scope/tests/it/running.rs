//! `run`: how a body ends, and that the scope closes in any case.

use std::future::{pending, ready};
use std::task::Poll;

use quilt_scope::{End, Scope, Slot, run, service};

use crate::journal::{Door, Dropped, Journal, now, poll_once};

#[derive(Scope)]
struct App {
    #[scope(seed)]
    journal: Journal,
    #[scope(seed)]
    closing: Door,
}

/// Tidying waits at the door `closing`.
struct Session<'req> {
    app_door: &'req Door,
    journal: Journal,
    _dropped: Dropped,
}

#[service(close = end)]
impl<'req> Session<'req> {
    fn new(app_door: &'req Door, journal: &Journal) -> Self {
        Self { app_door, journal: journal.clone(), _dropped: journal.on_drop("session dropped") }
    }

    async fn end(&self) {
        self.journal.note("session closes");
        self.app_door.pass().await;
        self.journal.note("session closed");
    }
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    session: Slot<Session<'req>>,
}

fn app() -> App {
    let app = App::open(Journal::default(), Door::closed());
    app.closing.open_for(1);
    app
}

/// Builds the session, then does what it is told; notes when it is dropped.
async fn body<'req>(scope: &'req RequestScope<'req>, then: impl Future<Output = u32> + Send) -> u32 {
    let _dropped = scope.app.journal.on_drop("body dropped");
    assert!(scope.get::<Session<'_>>().await.is_ok());
    then.await
}

const ENDED: [&str; 4] = ["body dropped", "session closes", "session closed", "session dropped"];

#[test]
fn a_body_that_returns() {
    let app = app();
    {
        let scope = RequestScope::open(&app);
        let end = now(run(&scope, body(&scope, ready(3)), pending()));
        assert!(matches!(end, End::Finished(3)));
        assert_eq!(end.finished(), Some(3));
    }
    assert_eq!(app.journal.notes(), ENDED);
}

#[test]
fn a_body_that_is_stopped_is_dropped_before_the_scope_closes() {
    let app = app();
    {
        let scope = RequestScope::open(&app);
        let stop = Door::closed();
        let mut running = Box::pin(run(&scope, body(&scope, pending()), stop.pass()));
        assert!(poll_once(&mut running).is_pending());
        assert!(app.journal.notes().is_empty(), "it runs until it is stopped");
        stop.open_for(1);
        let Poll::Ready(end) = poll_once(&mut running) else { panic!("nothing is left to wait for") };
        assert!(matches!(end, End::Stopped));
        assert_eq!(end.finished(), None);
    }
    assert_eq!(app.journal.notes(), ENDED);
}

#[test]
fn a_body_that_panics() {
    let app = app();
    {
        let scope = RequestScope::open(&app);
        let end = now(run(&scope, body(&scope, async { panic!("told to") }), pending()));
        let End::Panicked(with) = end else { panic!("it ended as {end:?}") };
        assert_eq!(with.downcast_ref::<&str>(), Some(&"told to"));
    }
    assert_eq!(app.journal.notes(), ENDED);
}

#[test]
fn a_result_that_is_there_already_is_not_thrown_away() {
    let app = app();
    let scope = RequestScope::open(&app);
    assert!(matches!(now(run(&scope, body(&scope, ready(3)), ready(()))), End::Finished(3)));
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "dropped");
    }
}

#[test]
fn a_body_that_panics_when_it_is_dropped_does_not_keep_the_scope_from_closing() {
    let app = app();
    {
        let scope = RequestScope::open(&app);
        let unpleasant = async {
            let _held = PanicsWhenDropped;
            pending::<u32>().await
        };
        let end = now(run(&scope, body(&scope, unpleasant), ready(())));
        assert!(matches!(end, End::Panicked(_)));
    }
    assert_eq!(app.journal.notes(), ENDED);
}

#[test]
fn a_stop_that_panics_does_not_keep_the_scope_from_closing() {
    let app = app();
    {
        let scope = RequestScope::open(&app);
        let end = now(run(&scope, body(&scope, pending()), async { panic!("told to") }));
        assert!(matches!(end, End::Panicked(_)));
    }
    assert_eq!(app.journal.notes(), ENDED);
}

#[test]
fn tidying_that_waits_is_awaited() {
    let app = App::open(Journal::default(), Door::closed());
    let scope = RequestScope::open(&app);
    let mut running = Box::pin(run(&scope, body(&scope, ready(3)), pending()));
    assert!(poll_once(&mut running).is_pending());
    assert_eq!(app.journal.notes(), ["body dropped", "session closes"]);
    app.closing.open_for(1);
    assert!(matches!(poll_once(&mut running), Poll::Ready(End::Finished(3))));
}

/// The twin of the tests above: dropping the future instead of stopping the body skips the tidying.
#[test]
fn a_dropped_outer_future_drops_the_services_untidied() {
    let app = app();
    {
        let scope = RequestScope::open(&app);
        let mut running = Box::pin(run(&scope, body(&scope, pending()), pending()));
        assert!(poll_once(&mut running).is_pending());
    }
    assert_eq!(app.journal.notes(), ["body dropped", "session dropped"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_lives_in_a_task_of_its_own() -> Result<(), tokio::task::JoinError> {
    let app = std::sync::Arc::new(app());
    let in_task = std::sync::Arc::clone(&app);
    let end = tokio::spawn(async move {
        let scope = RequestScope::open(&in_task);
        run(
            &scope,
            body(&scope, async {
                tokio::task::yield_now().await;
                3
            }),
            pending(),
        )
        .await
    })
    .await?;
    assert!(matches!(end, End::Finished(3)));
    assert_eq!(app.journal.notes(), ENDED);
    Ok(())
}
