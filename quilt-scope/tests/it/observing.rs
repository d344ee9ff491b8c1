//! What an observer is told, and when.

use std::future::{pending, ready};
use std::time::Duration;

use quilt_scope::{
    BoxError, EndedBy, Scope, ScopeEnd, ScopeObserver, ServiceInfo, Slot, Transient, Watch, run, service,
};

use crate::journal::{Dropped, Journal, now, poll_once};

struct Reporter(Journal);

impl ScopeObserver for Reporter {
    fn opened(&self, scope: &'static str) {
        self.0.note(format!("{scope} opened"));
    }

    fn built(&self, service: &'static ServiceInfo, _: Duration) {
        self.0.note(format!("{} built", service.name));
    }

    fn dropped(&self, service: &'static ServiceInfo, lived: Duration) {
        assert!(lived < Duration::from_secs(3600), "it lived as long as the test at most");
        self.0.note(format!("{} gone", service.name));
    }

    fn closed(&self, end: &ScopeEnd) {
        self.0.note(format!("{} {:?} with {} built", end.scope, end.by, end.built));
    }
}

#[derive(Scope)]
struct App {
    #[scope(seed)]
    journal: Journal,
}

struct Plain {
    _dropped: Dropped,
}

#[service]
impl Plain {
    fn new(journal: &Journal) -> Self {
        Self { _dropped: journal.on_drop("plain dropped") }
    }
}

struct Waiting<'req>(#[expect(dead_code, reason = "borrows")] &'req Plain);

#[service]
impl<'req> Waiting<'req> {
    async fn new(plain: &'req Plain) -> Self {
        Self(plain)
    }
}

struct Failing;

#[service]
impl Failing {
    fn new() -> Result<Self, BoxError> {
        Err("it always fails".into())
    }
}

struct Each;

#[service(transient)]
impl Each {
    fn new() -> Self {
        Self
    }
}

struct Last;

#[service]
impl Last {
    fn new() -> Self {
        Self
    }
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(observer)]
    watch: &'req Watch<'req, Reporter>,
    failing: Slot<Failing>,
    waiting: Slot<Waiting<'req>>,
    plain: Slot<Plain>,
    each: Transient<Each>,
    last: Slot<Last>,
}

/// What the journal says when a body has ended in this way.
fn watched(how: EndedBy) -> Vec<String> {
    let app = App::open(Journal::default());
    let reporter = Reporter(app.journal.clone());
    {
        let watch = Watch::open(&reporter, "RequestScope");
        let scope = RequestScope::open(&app, &watch);
        let body = async {
            let (first, again) = (scope.get::<Waiting<'_>>().await, scope.get::<Waiting<'_>>().await);
            assert!(first.is_ok() && again.is_ok());
            match how {
                EndedBy::Finished => {}
                EndedBy::Panicked => panic!("told to"),
                EndedBy::Stopped | EndedBy::Dropped => pending().await,
            }
        };
        if how == EndedBy::Dropped {
            let mut running = Box::pin(run(&scope, body, pending()));
            assert!(poll_once(&mut running).is_pending());
        } else {
            let _ = now(run(&scope, body, ready(())));
        }
    }
    app.journal.notes()
}

/// Each end is told after the services are gone.
fn told(end: &str) -> [String; 7] {
    [
        "RequestScope opened".to_owned(),
        "Plain built".to_owned(),
        "Waiting built".to_owned(),
        "plain dropped".to_owned(),
        "Waiting gone".to_owned(),
        "Plain gone".to_owned(),
        format!("RequestScope {end} with 2 built"),
    ]
}

#[test]
fn an_observer_sees_a_scope_open_build_and_finish() {
    assert_eq!(watched(EndedBy::Finished), told("Finished"));
}

#[test]
fn an_observer_is_told_of_a_stopped_body() {
    assert_eq!(watched(EndedBy::Stopped), told("Stopped"));
}

#[test]
fn an_observer_is_told_of_a_panic() {
    assert_eq!(watched(EndedBy::Panicked), told("Panicked"));
}

#[test]
fn an_observer_is_told_of_a_dropped_outer_future() {
    assert_eq!(watched(EndedBy::Dropped), told("Dropped"));
}

#[test]
fn a_build_that_fails_is_not_counted() {
    let app = App::open(Journal::default());
    let reporter = Reporter(app.journal.clone());
    {
        let watch = Watch::open(&reporter, "RequestScope");
        let scope = RequestScope::open(&app, &watch);
        let end = now(run(&scope, async { scope.get::<Failing>().await.is_err() }, pending()));
        assert_eq!(end.finished(), Some(true));
    }
    assert_eq!(app.journal.notes(), ["RequestScope opened", "RequestScope Finished with 0 built"]);
}

#[test]
fn services_are_reported_gone_in_the_order_of_dropping_however_many_were_built() {
    const INSTANCES: usize = 40;
    let app = App::open(Journal::default());
    let reporter = Reporter(app.journal.clone());
    {
        let watch = Watch::open(&reporter, "RequestScope");
        let scope = RequestScope::open(&app, &watch);
        let _ = now(run(
            &scope,
            async {
                assert!(scope.get::<Last>().await.is_ok());
                for _ in 0..INSTANCES {
                    assert!(scope.get::<Each>().await.is_ok());
                }
                assert!(scope.get::<Plain>().await.is_ok());
            },
            pending(),
        ));
    }
    let notes = app.journal.notes();
    let gone: Vec<_> = notes.iter().filter(|note| note.ends_with(" gone")).map(String::as_str).collect();
    let mut expected = vec!["Plain gone"];
    expected.extend([("Each gone"); INSTANCES]);
    expected.push("Last gone");
    assert_eq!(gone, expected);
    let after = notes.iter().position(|note| note == "plain dropped")
        < notes.iter().position(|note| note == "Plain gone");
    assert!(after, "it is told when it is so: {notes:?}");
}

#[test]
fn what_was_put_in_was_not_built() {
    let app = App::open(Journal::default());
    let reporter = Reporter(app.journal.clone());
    {
        let watch = Watch::open(&reporter, "RequestScope");
        let scope = RequestScope::open(&app, &watch);
        assert!(scope.last.fill(Last).is_ok());
    }
    assert_eq!(app.journal.notes(), ["RequestScope opened", "RequestScope Dropped with 0 built"]);
}
